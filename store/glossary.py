"""What the names in an alert's reason mean, as one column of a query about alerts (domain.reason.Glossary as JSON)."""

from typing import LiteralString

# Needs alert, rule, device_profile, camera and site in the query.
GLOSSARY: LiteralString = """
    jsonb_strip_nulls(jsonb_build_object(
        'predicate', rule.body->>'predicate', 'profile', device_profile.body,
        'timezone', coalesce(site.schedule->>'timezone', 'Asia/Shanghai'),
        'zone', (SELECT jsonb_build_object('code', part->>'code', 'zh', part->>'zh', 'en', part->>'en')
            FROM jsonb_array_elements(camera.zones) AS part WHERE part->>'code' = alert.zone LIMIT 1)
    ))::text AS glossary
"""
