"""Stations and sections: newest values, series, pictures."""
