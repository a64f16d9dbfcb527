"""Frames in, scene events out: ONNX Runtime session, detections, tracker, scene rules. No network, no database."""
