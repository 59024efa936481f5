"""The columns that a list of stations may have, and the names that people give them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tram.domain.text import fold

__all__ = ("FIELDS", "FIELD_OF", "SECTOR_FIELDS", "Field")


@dataclass(frozen=True, slots=True)
class Field:
    """One meaning of a column: its headers in exports, and other names it goes by (folded)."""

    key: str
    header_vi: str
    header_en: str
    names: tuple[str, ...] = ()
    needed: bool = False

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every name, folded."""
        return (fold(self.header_vi), fold(self.header_en), self.key, *self.names)


FIELDS: tuple[Field, ...] = (
    Field(
        "code", "Mã trạm", "Station code",
        ("ma tram", "ma bts", "ma nha tram", "site id", "site code", "siteid", "ma site", "id tram",
         "ma vi tri tram", "ky hieu tram"),
        needed=True,
    ),
    Field(
        "operator", "Doanh nghiệp", "Operator",
        ("doanh nghiep vien thong", "nha mang", "don vi", "operator", "mang", "doanh nghiep"),
    ),
    Field(
        "technology", "Công nghệ", "Technology",
        ("cong nghe", "loai tram", "loai cong nghe", "tech", "technology", "rat", "the he"),
    ),
    Field("name", "Tên trạm", "Name", ("ten tram", "ten bts", "ten nha tram", "site name", "ten")),
    Field("state", "Trạng thái", "State", ("trang thai", "tinh trang", "status", "hien trang")),
    Field(
        "on_air_on", "Ngày phát sóng", "On air since",
        ("ngay phat song", "ngay on air", "on air date", "ngay onair", "ngay hoat dong",
         "ngay dua vao su dung", "thoi gian phat song"),
    ),
    Field("off_on", "Ngày ngừng", "Off since", ("ngay ngung", "ngay ngung phat song", "ngay dung")),
    Field("life", "Lịch sử trạng thái", "History of states", ("lich su",)),
    Field(
        "lon", "Kinh độ", "Longitude",
        ("kinh do", "long", "lng", "lon", "longitude", "kinh do (e)", "long (e)", "x kinh do"),
    ),
    Field("lat", "Vĩ độ", "Latitude", ("vi do", "lat", "latitude", "vi do (n)", "lat (n)")),
    Field(
        "easting", "Tọa độ Y VN-2000 (đông, m)", "VN-2000 easting (m)",
        ("easting", "toa do dong", "dong (m)", "e (m)"),
    ),
    Field(
        "northing", "Tọa độ X VN-2000 (bắc, m)", "VN-2000 northing (m)",
        ("northing", "toa do bac", "bac (m)", "n (m)"),
    ),
    Field("band", "Băng tần", "Band", ("bang tan", "tan so", "bang tan (mhz)", "frequency")),
    Field("indoor", "Trong nhà", "Indoor", ("indoor", "trong nha", "ibs", "inbuilding")),
    Field(
        "antennas", "Cấu hình thu phát", "Antennas (T/R)",
        ("cau hinh thu phat", "mimo", "cau hinh mimo", "so anten thu phat", "trx"),
    ),
    Field(
        "accepted_on", "Ngày nghiệm thu", "Accepted on", ("ngay nghiem thu", "nghiem thu"),
    ),
    Field(
        "commune", "Xã, phường, đặc khu", "Commune",
        ("xa", "phuong", "xa/phuong", "xa, phuong", "phuong/xa", "phuong, xa", "ma xa",
         "don vi hanh chinh", "xa phuong", "xa/phuong/dac khu", "xa moi", "commune"),
    ),
    Field(
        "address", "Địa chỉ", "Address",
        ("dia chi", "dia diem", "dia chi lap dat", "dia chi moi", "vi tri", "address"),
    ),
    Field(
        "address_before", "Địa chỉ cũ (trước 01/7/2025)", "Old address (before 1 July 2025)",
        ("dia chi cu", "dia chi truoc sap nhap", "old address"),
    ),
    Field("old_commune", "Xã cũ", "Old commune", ("xa cu", "xa truoc sap nhap", "phuong cu")),
    Field(
        "old_district", "Huyện cũ", "Old district",
        ("huyen", "huyen/thi xa", "quan/huyen", "quan huyen", "huyen cu", "district",
         "huyen, thi xa", "huyen/tx/tp"),
    ),
    Field(
        "mast_code", "Mã cột", "Mast code",
        ("ma cot", "ma vi tri", "ma ha tang", "ma cot anten", "mast id", "tower id"),
    ),
    Field("mast_name", "Tên cột", "Mast", ("ten cot", "ten vi tri")),
    Field(
        "mast_owner", "Chủ sở hữu cột", "Mast owner",
        ("chu so huu", "chu cot", "so huu", "don vi so huu", "don vi so huu cot", "tower owner",
         "chu so huu ha tang"),
    ),
    Field("mast_kind", "Loại cột", "Mast kind", ("loai cot", "loai cot anten", "tower type")),
    Field(
        "mast_height_m", "Chiều cao cột (m)", "Mast height (m)",
        ("chieu cao cot", "do cao cot", "chieu cao cot anten", "tower height"),
    ),
    Field("note", "Ghi chú", "Note", ("ghi chu", "note", "remark")),
    Field("sector", "Sector", "Sector", ("sector", "cell", "ma sector", "ten sector", "cell id")),
    Field(
        "azimuth_deg", "Góc phương vị (°)", "Azimuth (°)",
        ("azimuth", "goc phuong vi", "huong", "phuong vi"),
    ),
    Field(
        "tilt_deg", "Góc ngẩng (°)", "Tilt (°)",
        ("tilt", "goc ngang", "goc cup", "goc nghieng", "downtilt"),
    ),
    Field(
        "height_m", "Độ cao anten (m)", "Antenna height (m)",
        ("do cao anten", "chieu cao anten", "do cao treo anten", "height", "antenna height"),
    ),
    Field("eirp_dbm", "EIRP (dBm)", "EIRP (dBm)", ("eirp", "cong suat eirp")),
    Field("antenna", "Anten", "Antenna", ("anten", "loai anten", "antenna", "antenna type")),
    Field(
        "carrier_mhz", "Sóng mang (MHz)", "Carrier (MHz)",
        ("song mang", "tan so song mang", "carrier", "tan so (mhz)"),
    ),
    Field(
        "bandwidth_mhz", "Băng thông (MHz)", "Bandwidth (MHz)", ("bang thong", "bandwidth", "bw"),
    ),
    Field("synthetic", "Mô phỏng", "Simulated", ("simulated", "mo phong", "synthetic")),
)  # fmt: skip
FIELD_OF: Mapping[str, Field] = {field.key: field for field in FIELDS}
SECTOR_FIELDS = (
    *("sector", "azimuth_deg", "tilt_deg", "height_m", "eirp_dbm", "antenna"),
    *("carrier_mhz", "bandwidth_mhz"),
)
