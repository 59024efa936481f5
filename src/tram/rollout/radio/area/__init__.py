"""Diffraction over an area: a radial sweep that carries its horizons outwards."""
