"""The columns that a list of stations may have, and the names that people give them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tram.domain.text import fold

__all__ = ("FIELDS", "FIELD_OF", "SECTOR_FIELDS", "Header")


@dataclass(frozen=True, slots=True)
class Header:
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


FIELDS: tuple[Header, ...] = (
    Header(
        "code", "Mã trạm", "Station code",
        ("ma tram", "ma bts", "ma nha tram", "site id", "site code", "siteid", "ma site", "id tram",
         "ma vi tri tram", "ky hieu tram"),
        needed=True,
    ),
    Header(
        "operator", "Doanh nghiệp", "Operator",
        ("doanh nghiep vien thong", "nha mang", "don vi", "operator", "mang", "doanh nghiep"),
    ),
    Header(
        "technology", "Công nghệ", "Technology",
        ("cong nghe", "loai tram", "loai cong nghe", "tech", "technology", "rat", "the he"),
    ),
    Header("name", "Tên trạm", "Name", ("ten tram", "ten bts", "ten nha tram", "site name", "ten")),
    Header("state", "Trạng thái", "State", ("trang thai", "tinh trang", "status", "hien trang")),
    Header(
        "on_air_on", "Ngày phát sóng", "On air since",
        ("ngay phat song", "ngay on air", "on air date", "ngay onair", "ngay hoat dong",
         "ngay dua vao su dung", "thoi gian phat song"),
    ),
    Header("off_on", "Ngày ngừng", "Off since", ("ngay ngung", "ngay ngung phat song", "ngay dung")),
    Header("life", "Lịch sử trạng thái", "History of states", ("lich su",)),
    Header(
        "lon", "Kinh độ", "Longitude",
        ("kinh do", "long", "lng", "lon", "longitude", "kinh do (e)", "long (e)", "x kinh do"),
    ),
    Header("lat", "Vĩ độ", "Latitude", ("vi do", "lat", "latitude", "vi do (n)", "lat (n)")),
    Header(
        "easting", "Tọa độ Y VN-2000 (đông, m)", "VN-2000 easting (m)",
        ("easting", "toa do dong", "dong (m)", "e (m)"),
    ),
    Header(
        "northing", "Tọa độ X VN-2000 (bắc, m)", "VN-2000 northing (m)",
        ("northing", "toa do bac", "bac (m)", "n (m)"),
    ),
    Header("band", "Băng tần", "Band", ("bang tan", "tan so", "bang tan (mhz)", "frequency")),
    Header("indoor", "Trong nhà", "Indoor", ("indoor", "trong nha", "ibs", "inbuilding")),
    Header(
        "antennas", "Cấu hình thu phát", "Antennas (T/R)",
        ("cau hinh thu phat", "mimo", "cau hinh mimo", "so anten thu phat", "trx"),
    ),
    Header(
        "accepted_on", "Ngày nghiệm thu", "Accepted on", ("ngay nghiem thu", "nghiem thu"),
    ),
    Header(
        "commune", "Xã, phường, đặc khu", "Commune",
        ("xa", "phuong", "xa/phuong", "xa, phuong", "phuong/xa", "phuong, xa", "ma xa",
         "don vi hanh chinh", "xa phuong", "xa/phuong/dac khu", "xa moi", "commune"),
    ),
    Header(
        "address", "Địa chỉ", "Address",
        ("dia chi", "dia diem", "dia chi lap dat", "dia chi moi", "vi tri", "address"),
    ),
    Header(
        "address_before", "Địa chỉ cũ (trước 01/7/2025)", "Old address (before 1 July 2025)",
        ("dia chi cu", "dia chi truoc sap nhap", "old address"),
    ),
    Header("old_commune", "Xã cũ", "Old commune", ("xa cu", "xa truoc sap nhap", "phuong cu")),
    Header(
        "old_district", "Huyện cũ", "Old district",
        ("huyen", "huyen/thi xa", "quan/huyen", "quan huyen", "huyen cu", "district",
         "huyen, thi xa", "huyen/tx/tp"),
    ),
    Header(
        "mast_code", "Mã cột", "Mast code",
        ("ma cot", "ma vi tri", "ma ha tang", "ma cot anten", "mast id", "tower id"),
    ),
    Header("mast_name", "Tên cột", "Mast", ("ten cot", "ten vi tri")),
    Header(
        "mast_owner", "Chủ sở hữu cột", "Mast owner",
        ("chu so huu", "chu cot", "so huu", "don vi so huu", "don vi so huu cot", "tower owner",
         "chu so huu ha tang"),
    ),
    Header("mast_kind", "Loại cột", "Mast kind", ("loai cot", "loai cot anten", "tower type")),
    Header(
        "mast_height_m", "Chiều cao cột (m)", "Mast height (m)",
        ("chieu cao cot", "do cao cot", "chieu cao cot anten", "tower height"),
    ),
    Header("note", "Ghi chú", "Note", ("ghi chu", "note", "remark")),
    Header("sector", "Sector", "Sector", ("sector", "cell", "ma sector", "ten sector", "cell id")),
    Header(
        "azimuth_deg", "Góc phương vị (°)", "Azimuth (°)",
        ("azimuth", "goc phuong vi", "huong", "phuong vi"),
    ),
    Header(
        "tilt_deg", "Góc ngẩng (°)", "Tilt (°)",
        ("tilt", "goc ngang", "goc cup", "goc nghieng", "downtilt"),
    ),
    Header(
        "height_m", "Độ cao anten (m)", "Antenna height (m)",
        ("do cao anten", "chieu cao anten", "do cao treo anten", "height", "antenna height"),
    ),
    Header("eirp_dbm", "EIRP (dBm)", "EIRP (dBm)", ("eirp", "cong suat eirp")),
    Header("antenna", "Anten", "Antenna", ("anten", "loai anten", "antenna", "antenna type")),
    Header(
        "carrier_mhz", "Sóng mang (MHz)", "Carrier (MHz)",
        ("song mang", "tan so song mang", "carrier", "tan so (mhz)"),
    ),
    Header(
        "bandwidth_mhz", "Băng thông (MHz)", "Bandwidth (MHz)", ("bang thong", "bandwidth", "bw"),
    ),
    Header("synthetic", "Mô phỏng", "Simulated", ("simulated", "mo phong", "synthetic")),
)  # fmt: skip
FIELD_OF: Mapping[str, Header] = {field.key: field for field in FIELDS}
SECTOR_FIELDS = (
    *("sector", "azimuth_deg", "tilt_deg", "height_m", "eirp_dbm", "antenna"),
    *("carrier_mhz", "bandwidth_mhz"),
)
