"""The query language of SensorThings, without any framework: paths, options, filters; text in, values out."""
