"""Provinces that tests take: the shipped one, and an invented one with as little as there can be."""

from pathlib import Path

from tram.app.installation.province_folder import chosen_folder, read_province

INVENTED_FOLDER = Path(__file__).parent / "app" / "invented-province"
QUANG_NGAI = read_province(chosen_folder("quang-ngai"))
INVENTED = read_province(INVENTED_FOLDER)
