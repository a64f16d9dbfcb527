DROP VIEW device_reading_1m, device_reading_1h;
