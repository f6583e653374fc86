"""The face that speaks OGC SensorThings API 1.1 (18-088): our stations and readings in its clients' words."""
