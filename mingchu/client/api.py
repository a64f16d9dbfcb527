"""Each operation of REST as a method. Written by `mingchu client`: change the routes, not this file."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from mingchu.client import model
from mingchu.client.session import File, Session, segment
from mingchu.client.stream import Event, follow


class Client(Session):
    """Each operation by its verb and path: `GET /alerts/{alert_id}` is `get_alert(alert_id)`."""

    def __enter__(self) -> "Client":
        return self

    def events(self, after: str = "") -> Iterator[Event]:
        """Live updates from now on, or from after an event's id on; a broken line is taken up again."""
        return follow(self, after)

    def get_holds(
        self,
        *,
        alert: int | None = None,
        site: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Hold]:
        """List legal holds. The newest first, also those that were lifted; of one alert (its site's holds
        keep it too), or of one site.
        """
        return self.pages("/api/v1/holds", list[model.Hold], {"alert": alert, "site": site, "limit": limit})

    def get_hold(self, hold_id: int) -> model.Hold:
        """One legal hold. What is held, by whom, until when."""
        answer = self.call("GET", f"/api/v1/holds/{segment(hold_id)}")
        return msgspec.json.decode(answer.content, type=model.Hold)

    def post_alert_hold(self, alert_id: int, body: model.HoldOrder) -> model.Hold:
        """Hold an alert's evidence. Regulator: it does not expire while the hold is in force."""
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/hold", body=body)
        return msgspec.json.decode(answer.content, type=model.Hold)

    def post_site_hold(self, site_id: int, body: model.HoldOrder) -> model.Hold:
        """Hold a site's evidence. Regulator: the evidence of all of its alerts, later ones too."""
        answer = self.call("POST", f"/api/v1/sites/{segment(site_id)}/hold", body=body)
        return msgspec.json.decode(answer.content, type=model.Hold)

    def post_hold_lift(self, hold_id: int, body: model.LiftOrder) -> model.Hold:
        """Lift a legal hold. Regulator: the evidence expires again by its own time."""
        answer = self.call("POST", f"/api/v1/holds/{segment(hold_id)}/lift", body=body)
        return msgspec.json.decode(answer.content, type=model.Hold)

    def post_login(self, body: model.Credentials) -> model.Me:
        """Log in. Opens a session in an HttpOnly cookie. Wrong attempts are bounded per login and address."""
        answer = self.call("POST", "/api/v1/login", body=body)
        return msgspec.json.decode(answer.content, type=model.Me)

    def post_logout(self) -> None:
        """Log out. Deletes the session: its cookie is worthless from now on."""
        self.call("POST", "/api/v1/logout")

    def get_me(self) -> model.Me:
        """Who is logged in. The session's person and role."""
        answer = self.call("GET", "/api/v1/me")
        return msgspec.json.decode(answer.content, type=model.Me)

    def get_supply_devices(
        self,
        *,
        search: str | None = None,
        limit: int | None = None,
    ) -> Iterator[model.SuppliedDevice]:
        """A vendor's own devices. By id: whether each is connected, when it was last heard, and how many of
        its messages were refused.
        """
        return self.pages("/api/v1/supply/devices", list[model.SuppliedDevice], {"search": search, "limit": limit})

    def get_supply_device(self, device_id: int) -> model.SuppliedDevice:
        """One of a vendor's devices. How it does now."""
        answer = self.call("GET", f"/api/v1/supply/devices/{segment(device_id)}")
        return msgspec.json.decode(answer.content, type=model.SuppliedDevice)

    def get_supply_device_gaps(
        self,
        device_id: int,
        *,
        hours: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.DeviceGap]:
        """What is missing of a vendor's device. Silences longer than its profile allows, each with its cause;
        and what came late.
        """
        return self.pages(f"/api/v1/supply/devices/{segment(device_id)}/gaps", list[model.DeviceGap], {"hours": hours, "limit": limit})

    def get_supply_device_presence(self, device_id: int, *, limit: int | None = None) -> Iterator[model.Turn]:
        """When a vendor's device came and went. The newest first."""
        return self.pages(f"/api/v1/supply/devices/{segment(device_id)}/presence", list[model.Turn], {"limit": limit})

    def post_supply_device_credential(self, device_id: int) -> model.SuppliedCredential:
        """Give a vendor's device another credential. Shown this once; the old one ends its connection within
        seconds. 409: none is in force, ask the authority.
        """
        answer = self.call("POST", f"/api/v1/supply/devices/{segment(device_id)}/credential")
        return msgspec.json.decode(answer.content, type=model.SuppliedCredential)

    def get_supply_dead_letters(
        self,
        *,
        device: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.DeadLetter]:
        """Refused messages of a vendor's devices. From the newest on, each with the reason why it was refused."""
        return self.pages("/api/v1/supply/dead-letters", list[model.DeadLetter], {"device": device, "limit": limit})

    def get_supply_reports(self, *, limit: int | None = None) -> Iterator[model.KitReport]:
        """Reports of the vendor kit that were handed in. One's own, the newest first: which device conforms,
        by which version of its profile.
        """
        return self.pages("/api/v1/supply/reports", list[model.KitReport], {"limit": limit})

    def post_supply_reports(self, file: File) -> model.KitReport:
        """Hand a kit's report in. Its signature is checked, and it is kept as it was signed; the same one
        again is answered 409.
        """
        answer = self.call("POST", "/api/v1/supply/reports", form={"file": file})
        return msgspec.json.decode(answer.content, type=model.KitReport)

    def get_supply_report(self, report_id: int) -> bytes:
        """A kit's report as it was signed. One's own, to be verified again with `mingchu vendor verify`."""
        return self.call("GET", f"/api/v1/supply/reports/{segment(report_id)}").content

    def post_me_password(self, body: model.PasswordChange) -> None:
        """Change one's password. All other sessions end. Attempts with a wrong present password are bounded
        as logins are.
        """
        self.call("POST", "/api/v1/me/password", body=body)

    def get_me_sessions(self, *, limit: int | None = None) -> Iterator[model.Session]:
        """One's open sessions. The newest first."""
        return self.pages("/api/v1/me/sessions", list[model.Session], {"limit": limit})

    def delete_me_session(self, session_id: int) -> None:
        """End a session. Another one of one's own; the one that asks ends by logout."""
        self.call("DELETE", f"/api/v1/me/sessions/{segment(session_id)}")

    def get_me_tokens(self, *, limit: int | None = None) -> Iterator[model.Token]:
        """One's API tokens. The newest first; never their secrets."""
        return self.pages("/api/v1/me/tokens", list[model.Token], {"limit": limit})

    def post_me_tokens(self, body: model.NewToken) -> model.MadeToken:
        """Make an API token. `Authorization: Bearer mct_…` on REST. It may no more than its scopes, and never
        more than the person.
        """
        answer = self.call("POST", "/api/v1/me/tokens", body=body)
        return msgspec.json.decode(answer.content, type=model.MadeToken)

    def delete_me_token(self, token_id: int) -> None:
        """Revoke an API token. From now on it is answered 401."""
        self.call("DELETE", f"/api/v1/me/tokens/{segment(token_id)}")

    def get_people(self, *, text: str | None = None, limit: int | None = None) -> Iterator[model.Account]:
        """List people. Whom one governs: of the authority's tree, and of operators whose sites are all in it;
        by login.
        """
        return self.pages("/api/v1/people", list[model.Account], {"text": text, "limit": limit})

    def post_people(self, body: model.NewAccount) -> model.HandedPassword:
        """Let somebody in. The password is shown in this answer and nowhere else. A role may be given whose
        permissions one may give.
        """
        answer = self.call("POST", "/api/v1/people", body=body)
        return msgspec.json.decode(answer.content, type=model.HandedPassword)

    def get_person(self, person_id: int) -> model.Account:
        """One person. With all that the person may."""
        answer = self.call("GET", f"/api/v1/people/{segment(person_id)}")
        return msgspec.json.decode(answer.content, type=model.Account)

    def put_person(self, person_id: int, body: model.AccountChange) -> model.Account:
        """Change a person. Name, role and language; in force from the next request on."""
        answer = self.call("PUT", f"/api/v1/people/{segment(person_id)}", body=body)
        return msgspec.json.decode(answer.content, type=model.Account)

    def post_person_disable(self, person_id: int) -> model.Account:
        """Let a person in no more. All sessions end at once, API tokens are refused."""
        answer = self.call("POST", f"/api/v1/people/{segment(person_id)}/disable")
        return msgspec.json.decode(answer.content, type=model.Account)

    def post_person_enable(self, person_id: int) -> model.Account:
        """Let a person in again. With the password as it was."""
        answer = self.call("POST", f"/api/v1/people/{segment(person_id)}/enable")
        return msgspec.json.decode(answer.content, type=model.Account)

    def post_person_password(self, person_id: int) -> model.HandedPassword:
        """Reset a password. The new one is shown in this answer and nowhere else; sessions end, API tokens
        are revoked.
        """
        answer = self.call("POST", f"/api/v1/people/{segment(person_id)}/password")
        return msgspec.json.decode(answer.content, type=model.HandedPassword)

    def get_roles(self, *, limit: int | None = None) -> Iterator[model.OwnRole]:
        """List roles. Those of authorities: one's own, those below, and those above, which may be handed out
        but not changed.
        """
        return self.pages("/api/v1/roles", list[model.OwnRole], {"limit": limit})

    def post_roles(self, body: model.NewOwnRole) -> model.OwnRole:
        """Make a role. Of permissions that its base allows and that one may give."""
        answer = self.call("POST", "/api/v1/roles", body=body)
        return msgspec.json.decode(answer.content, type=model.OwnRole)

    def put_role(self, role_id: int, body: model.RoleChange) -> model.OwnRole:
        """Change a role. In force for all who have it from their next request on."""
        answer = self.call("PUT", f"/api/v1/roles/{segment(role_id)}", body=body)
        return msgspec.json.decode(answer.content, type=model.OwnRole)

    def get_audit(
        self,
        *,
        who: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[model.AuditEntry]:
        """The audit log. From the newest on: what the people whom one governs have done; what nobody known
        did, for the whole tree's.
        """
        return self.pages("/api/v1/audit", list[model.AuditEntry], {"who": who, "action": action, "since": since, "until": until, "limit": limit})

    def get_audit_chain(self) -> model.AuditChain:
        """Whether the audit log is as it was written. Every hash of the whole log is computed again."""
        answer = self.call("GET", "/api/v1/audit/chain")
        return msgspec.json.decode(answer.content, type=model.AuditChain)

    def post_tour_finding_alert(
        self,
        tour_id: int,
        finding_id: int,
        body: model.AlertByHand,
    ) -> model.AlertCase:
        """Make an alert of a tour's finding. Regulator: about its camera, with its picture; once."""
        answer = self.call("POST", f"/api/v1/tours/{segment(tour_id)}/findings/{segment(finding_id)}/alert", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_inspection_item_alert(
        self,
        inspection_id: int,
        item: str,
        body: model.AlertByHand,
    ) -> model.AlertCase:
        """Make an alert of an inspection's failed item. Regulator: about its site, with its pictures; once."""
        answer = self.call("POST", f"/api/v1/inspections/{segment(inspection_id)}/items/{segment(item)}/alert", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def get_alerts(
        self,
        *,
        status: Sequence[model.Status] | None = None,
        severity: Sequence[int] | None = None,
        site: int | None = None,
        condition: model.Condition | None = None,
        rule: str | None = None,
        camera: int | None = None,
        device: int | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        overdue: bool | None = None,
        mine: bool | None = None,
        newest: bool | None = None,
        limit: int | None = None,
    ) -> Iterator[model.AlertSummary]:
        """List alerts. The alerts in the person's scope, page by page."""
        return self.pages("/api/v1/alerts", list[model.AlertSummary], {"status": status, "severity": severity, "site": site, "condition": condition, "rule": rule, "camera": camera, "device": device, "from": from_, "to": to, "overdue": overdue, "mine": mine, "newest": newest, "limit": limit})

    def get_alerts_counts(self, *, site: int | None = None) -> list[model.AlertCount]:
        """Count alerts. Alerts by status and severity; finished ones of the last 24 hours."""
        answer = self.call("GET", "/api/v1/alerts/counts", query={"site": site})
        return msgspec.json.decode(answer.content, type=list[model.AlertCount])

    def get_alert(self, alert_id: int) -> model.AlertCase:
        """One alert. The alert with history, samples, evidence, rectifications, reviews, pushes and what the
        reader may do.
        """
        answer = self.call("GET", f"/api/v1/alerts/{segment(alert_id)}")
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def get_alert_pushes(self, alert_id: int, *, limit: int | None = None) -> Iterator[model.Push]:
        """Pushes of an alert. Every message about the alert, to whom it went and how."""
        return self.pages(f"/api/v1/alerts/{segment(alert_id)}/pushes", list[model.Push], {"limit": limit})

    def get_alert_assignees(self, alert_id: int, *, limit: int | None = None) -> Iterator[model.Candidate]:
        """Who can be given an alert. The operator's people, and for a regulator those regulators who may act
        on it.
        """
        return self.pages(f"/api/v1/alerts/{segment(alert_id)}/assignees", list[model.Candidate], {"limit": limit})

    def post_alert_assign(self, alert_id: int, body: model.AssignOrder) -> model.AlertCase:
        """Assign. Give an unfinished alert to one of the operator's people or, as a regulator, to one who may
        act on it.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/assign", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_comment(self, alert_id: int, body: model.CommentOrder) -> model.AlertCase:
        """Comment. Say something, to both sides or to one's own. Gate: a text (`reason`)."""
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/comment", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_transfer(self, alert_id: int, body: model.TransferOrder) -> model.AlertCase:
        """Transfer to another authority. Regulator: up or down the tree. Gate: a reason. The site's own
        authority keeps reading it.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/transfer", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_supervise(self, alert_id: int, body: model.SuperviseOrder) -> model.AlertCase:
        """Supervise. Regulator of an authority above the responsible one: a flag with a deadline. Gates: a
        reason, a time ahead.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/supervise", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_lift(self, alert_id: int, body: model.Order) -> model.AlertCase:
        """Lift the supervision. Regulator of the authority that supervises, or above. Gate: a reason."""
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/lift", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_appeal(
        self,
        alert_id: int,
        *,
        text: str | None = None,
        photos: Sequence[File] | None = None,
        version: int | None = None,
    ) -> model.AlertCase:
        """Appeal. Operator, before a report, once an alert: it is a false alarm. Gate: a text. The
        regulator's clock runs.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/appeal", form={"text": text, "photos": photos, "version": version})
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_uphold(self, alert_id: int, body: model.Order) -> model.AlertCase:
        """Uphold the appeal. Regulator: it was a false alarm; the alert is dismissed and counts so. Gate: a
        reason.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/uphold", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_deny(self, alert_id: int, body: model.Order) -> model.AlertCase:
        """Reject the appeal. Regulator: the alert goes on; its deadline moves by the time that the appeal
        took. Gate: a reason.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/deny", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_still(self, alert_id: int) -> model.AlertCase:
        """A fresh still beside the report. Takes the camera's newest picture, heads hidden, and keeps it
        beside the operator's last report.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/still")
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alerts_bulk(self, body: model.BulkOrder) -> model.BulkAnswer:
        """One action on alike alerts. At most 100 alerts of one rule or of one site; each is done or refused
        on its own, and all is audited.
        """
        answer = self.call("POST", "/api/v1/alerts/bulk", body=body)
        return msgspec.json.decode(answer.content, type=model.BulkAnswer)

    def get_precision(
        self,
        *,
        camera: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Precision]:
        """Precision by scene and camera. Of what people have judged, by verdicts and appeals: dismissals are
        false alarms.
        """
        return self.pages("/api/v1/precision", list[model.Precision], {"camera": camera, "limit": limit})

    def post_alert_acknowledge(self, alert_id: int, body: model.ActionOrder) -> model.AlertCase:
        """Acknowledge. Operator: the alert is known. open → acknowledged."""
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/acknowledge", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_accept(self, alert_id: int, body: model.ActionOrder) -> model.AlertCase:
        """Accept the rectification. Regulator: rectified → closed. Gate: the machine's re-check."""
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/accept", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_reject(self, alert_id: int, body: model.ActionOrder) -> model.AlertCase:
        """Reject the rectification. Regulator: rectified → acknowledged. Gate: a reason."""
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/reject", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_dismiss(self, alert_id: int, body: model.ActionOrder) -> model.AlertCase:
        """Dismiss as a false alarm. Regulator: any unfinished → dismissed. Gate: a reason."""
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/dismiss", body=body)
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def post_alert_report(
        self,
        alert_id: int,
        *,
        text: str | None = None,
        photos: Sequence[File] | None = None,
        version: int | None = None,
        key: str | None = None,
        claimed: Sequence[str] | None = None,
        signature: File | None = None,
    ) -> model.AlertCase:
        """Report the rectification. Operator: acknowledged → rectified. Gates: a text and at least one photo.
        Photos lose their EXIF. With a `key` the same report may be sent again: it is taken once, and answered
        alike.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/report", form={"text": text, "photos": photos, "version": version, "key": key, "claimed": claimed, "signature": signature})
        return msgspec.json.decode(answer.content, type=model.AlertCase)

    def get_sites(
        self,
        *,
        search: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Site]:
        """List sites. The sites in the person's scope, by code."""
        return self.pages("/api/v1/sites", list[model.Site], {"search": search, "kind": kind, "limit": limit})

    def get_site(self, site_id: int) -> model.Site:
        """One site. The site with its operator and how it stands."""
        answer = self.call("GET", f"/api/v1/sites/{segment(site_id)}")
        return msgspec.json.decode(answer.content, type=model.Site)

    def get_cameras(self, *, site: int | None = None, limit: int | None = None) -> Iterator[model.Camera]:
        """List cameras. Cameras with their health, by code."""
        return self.pages("/api/v1/cameras", list[model.Camera], {"site": site, "limit": limit})

    def get_camera(self, camera_id: int) -> model.Camera:
        """One camera. The camera's health and latest evidence frame."""
        answer = self.call("GET", f"/api/v1/cameras/{segment(camera_id)}")
        return msgspec.json.decode(answer.content, type=model.Camera)

    def delete_camera(self, camera_id: int, *, version: int | None = None) -> model.CameraState:
        """Remove a camera. Its edge watches it no more; its alerts and evidence stay. Going back to a version
        brings it back.
        """
        answer = self.call("DELETE", f"/api/v1/cameras/{segment(camera_id)}", query={"version": version})
        return msgspec.json.decode(answer.content, type=model.CameraState)

    def get_devices(self, *, site: int | None = None, limit: int | None = None) -> Iterator[model.Device]:
        """List devices. Devices with their latest readings, by site and code."""
        return self.pages("/api/v1/devices", list[model.Device], {"site": site, "limit": limit})

    def get_device(self, device_id: int) -> model.Device:
        """One device. The device with its latest readings, named and in units."""
        answer = self.call("GET", f"/api/v1/devices/{segment(device_id)}")
        return msgspec.json.decode(answer.content, type=model.Device)

    def get_device_series(
        self,
        device_id: int,
        *,
        metric: str,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> model.Series:
        """A metric over time. At most 2,000 points: raw up to 6 hours, from minutes up to 7 days, hours up to
        100, days beyond.
        """
        answer = self.call("GET", f"/api/v1/devices/{segment(device_id)}/series", query={"metric": metric, "from": from_, "to": to})
        return msgspec.json.decode(answer.content, type=model.Series)

    def get_operations(self) -> model.Operations:
        """How the house runs. Edges, cameras and refused messages, for admins."""
        answer = self.call("GET", "/api/v1/operations")
        return msgspec.json.decode(answer.content, type=model.Operations)

    def get_site_latest(self, site_id: int, *, limit: int | None = None) -> Iterator[model.Device]:
        """The latest values of a site. Each device of the site with the last value of each of its metrics."""
        return self.pages(f"/api/v1/sites/{segment(site_id)}/latest", list[model.Device], {"limit": limit})

    def get_site_sales(self, site_id: int, *, day: date | None = None) -> model.MarketDay:
        """A market's day. What each scale of the site sold on a day, and all of them together."""
        answer = self.call("GET", f"/api/v1/sites/{segment(site_id)}/sales", query={"day": day})
        return msgspec.json.decode(answer.content, type=model.MarketDay)

    def get_sales(
        self,
        *,
        from_: date,
        to: date,
        depth: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.AuthorityDay]:
        """Sales by authority and day. Sales of the scales in the person's scope, summed up at one level of
        the authorities' tree.
        """
        return self.pages("/api/v1/sales", list[model.AuthorityDay], {"from": from_, "to": to, "depth": depth, "limit": limit})

    def get_device_day(self, device_id: int, *, day: date | None = None) -> model.DeviceDay:
        """A device's day. What the device's metrics came to on a day, and its events."""
        answer = self.call("GET", f"/api/v1/devices/{segment(device_id)}/day", query={"day": day})
        return msgspec.json.decode(answer.content, type=model.DeviceDay)

    def get_device_excursions(
        self,
        device_id: int,
        *,
        days: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Excursion]:
        """A cold store's excursions. When a temperature went beyond a rule's limit, how far, how long, and
        how much.
        """
        return self.pages(f"/api/v1/devices/{segment(device_id)}/excursions", list[model.Excursion], {"days": days, "limit": limit})

    def get_camera_choices(
        self,
        *,
        search: str | None = None,
        limit: int | None = None,
    ) -> Iterator[model.CameraChoice]:
        """Cameras to choose from. Cameras with their sites, by the codes of both."""
        return self.pages("/api/v1/camera-choices", list[model.CameraChoice], {"search": search, "limit": limit})

    def get_camera_lists(self, *, limit: int | None = None) -> Iterator[model.CameraList]:
        """Own lists of cameras. What the wall shows and tours go through; nobody else's."""
        return self.pages("/api/v1/camera-lists", list[model.CameraList], {"limit": limit})

    def put_camera_list(self, name: str, body: model.NewList) -> model.CameraList:
        """Keep a list of cameras. In the place of the person's own one of that name; at most 200 cameras."""
        answer = self.call("PUT", f"/api/v1/camera-lists/{segment(name)}", body=body)
        return msgspec.json.decode(answer.content, type=model.CameraList)

    def delete_camera_list(self, name: str) -> None:
        """Forget a list of cameras. Tours that have gone through it stay."""
        self.call("DELETE", f"/api/v1/camera-lists/{segment(name)}")

    def get_tours(self, *, limit: int | None = None) -> Iterator[model.TourSummary]:
        """List tours. The person's own and those of people below, the newest first."""
        return self.pages("/api/v1/tours", list[model.TourSummary], {"limit": limit})

    def post_tours(self, body: model.NewTour) -> model.Tour:
        """Begin a tour. Its cameras and their order are fixed here."""
        answer = self.call("POST", "/api/v1/tours", body=body)
        return msgspec.json.decode(answer.content, type=model.Tour)

    def get_tour(self, tour_id: int) -> model.Tour:
        """One tour. Every look with the digest of what was shown, and the findings."""
        answer = self.call("GET", f"/api/v1/tours/{segment(tour_id)}")
        return msgspec.json.decode(answer.content, type=model.Tour)

    def post_tour_camera_look(self, tour_id: int, camera_id: int) -> bytes:
        """Look at a camera on a tour. A fresh still; that it was shown is written down, and so is that there
        was none to show.
        """
        return self.call("POST", f"/api/v1/tours/{segment(tour_id)}/cameras/{segment(camera_id)}/look").content

    def post_tour_look_picture(self, tour_id: int, look_id: int, content: bytes) -> None:
        """Keep what a look showed. The bytes as they were shown: others are refused, since their digest was
        written down with the look.
        """
        self.call("POST", f"/api/v1/tours/{segment(tour_id)}/looks/{segment(look_id)}/picture", content=content, media_type="image/jpeg")

    def post_tour_look_findings(self, tour_id: int, look_id: int, body: model.NewFinding) -> None:
        """Write a finding down. It stands in the tour's report and on the site's page."""
        self.call("POST", f"/api/v1/tours/{segment(tour_id)}/looks/{segment(look_id)}/findings", body=body)

    def post_tour_end(self, tour_id: int) -> None:
        """End a tour. Nothing is added to it after that."""
        self.call("POST", f"/api/v1/tours/{segment(tour_id)}/end")

    def get_dead_letters(
        self,
        *,
        topic: str | None = None,
        reason: str | None = None,
        limit: int | None = None,
    ) -> Iterator[model.DeadLetter]:
        """List unreadable messages. From the newest on, each whole, with the reason why it was refused; for
        admins.
        """
        return self.pages("/api/v1/dead-letters", list[model.DeadLetter], {"topic": topic, "reason": reason, "limit": limit})

    def post_dead_letters_replay(self, body: model.Replay) -> model.Asked:
        """Read unreadable messages again. After a profile or a registration was mended. What lands is no dead
        letter any more; a repeat does no harm.
        """
        answer = self.call("POST", "/api/v1/dead-letters/replay", body=body)
        return msgspec.json.decode(answer.content, type=model.Asked)

    def post_dead_letter_replay(self, letter_id: int) -> model.Asked:
        """Read one message again. The same for one; of a partial one, what was left out of each message that
        is kept.
        """
        answer = self.call("POST", f"/api/v1/dead-letters/{segment(letter_id)}/replay")
        return msgspec.json.decode(answer.content, type=model.Asked)

    def get_device_gaps(
        self,
        device_id: int,
        *,
        hours: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.DeviceGap]:
        """Which minutes are missing, and why. Silences longer than the device's profile allows, each with its
        cause; and what came late.
        """
        return self.pages(f"/api/v1/devices/{segment(device_id)}/gaps", list[model.DeviceGap], {"hours": hours, "limit": limit})

    def post_camera_ticket(self, camera_id: int) -> model.LiveTicket:
        """A ticket to watch a camera. For one view of this camera by this person, to be used within 30 s;
        needs a stated purpose.
        """
        answer = self.call("POST", f"/api/v1/cameras/{segment(camera_id)}/ticket")
        return msgspec.json.decode(answer.content, type=model.LiveTicket)

    def post_camera_whep(self, camera_id: int, content: bytes) -> bytes:
        """Watch a camera (WHEP). Takes an SDP offer for one H.264 video that is only received, and the ticket
        as bearer token.
        """
        return self.call("POST", f"/api/v1/cameras/{segment(camera_id)}/whep", content=content, media_type="application/sdp").content

    def delete_camera_whep(self, camera_id: int, view_id: str) -> None:
        """End a view. Frees all that the view holds. One that nobody ends so ends by itself within seconds of
        its viewer's silence.
        """
        self.call("DELETE", f"/api/v1/cameras/{segment(camera_id)}/whep/{segment(view_id)}")

    def get_camera_still(self, camera_id: int) -> bytes:
        """A still picture of now. For who has stated no purpose, with heads hidden; and for browsers that
        cannot play the stream.
        """
        return self.call("GET", f"/api/v1/cameras/{segment(camera_id)}/still").content

    def get_map(self, *, kind: str | None = None, limit: int | None = None) -> Iterator[model.MapSite]:
        """Sites for a map. Every site that the person may see, with its place where it is known, and how its
        alerts stand.
        """
        return self.pages("/api/v1/map", list[model.MapSite], {"kind": kind, "limit": limit})

    def get_rollup(self, *, at: str | None = None) -> model.Rollup:
        """How an authority stands. Open alerts, deadlines, cameras and devices, added up for an authority,
        those below it, and its own sites.
        """
        answer = self.call("GET", "/api/v1/rollup", query={"at": at})
        return msgspec.json.decode(answer.content, type=model.Rollup)

    def put_site_place(self, site_id: int, body: model.Place) -> None:
        """Say where a site is. For who may configure; WGS 84, or nulls to forget it."""
        self.call("PUT", f"/api/v1/sites/{segment(site_id)}/place", body=body)

    def post_map_import(self, file: File) -> list[model.PlaceLine]:
        """Place sites by a list. Columns: code, longitude, latitude (WGS 84). A bad line leaves the others
        alone, and says why.
        """
        answer = self.call("POST", "/api/v1/map/import", form={"file": file})
        return msgspec.json.decode(answer.content, type=list[model.PlaceLine])

    def get_site_licences(self, site_id: int, *, limit: int | None = None) -> Iterator[model.Licence]:
        """A site's licences. Those that end first come first."""
        return self.pages(f"/api/v1/sites/{segment(site_id)}/licences", list[model.Licence], {"limit": limit})

    def post_site_licences(self, site_id: int, body: model.NewLicence) -> None:
        """Write a licence down. For admins; the same number again changes its end."""
        self.call("POST", f"/api/v1/sites/{segment(site_id)}/licences", body=body)

    def delete_site_licence(self, site_id: int, licence_id: int) -> None:
        """Strike a licence out. For admins."""
        self.call("DELETE", f"/api/v1/sites/{segment(site_id)}/licences/{segment(licence_id)}")

    def get_licences_due(self, *, limit: int | None = None) -> Iterator[model.Licence]:
        """Licences that end. All that have ended, or end within 60 days."""
        return self.pages("/api/v1/licences/due", list[model.Licence], {"limit": limit})

    def get_evidence(self, sha256: str) -> bytes:
        """Evidence bytes. The picture or clip; Range requests are answered, the ETag is the address."""
        return self.call("GET", f"/api/v1/evidence/{segment(sha256)}").content

    def get_evidence_thumbnail(self, sha256: str) -> bytes:
        """A small picture. The evidence picture at 360 px, for lists."""
        return self.call("GET", f"/api/v1/evidence/{segment(sha256)}/thumbnail").content

    def get_alert_export(self, alert_id: int) -> bytes:
        """Evidence export. The alert's whole case as a signed zip (`mingchu evidence verify`); originals only
        while a purpose is stated.
        """
        return self.call("GET", f"/api/v1/alerts/{segment(alert_id)}/export").content

    def get_purposes(self) -> list[model.StatedPurpose]:
        """Purposes to state. What the reader's role may state to see faces; none where it has not the right."""
        answer = self.call("GET", "/api/v1/purposes")
        return msgspec.json.decode(answer.content, type=list[model.StatedPurpose])

    def post_alert_unblurred(self, alert_id: int, body: model.UnblurredOrder) -> model.UnblurredGrant:
        """See evidence unblurred. For 30 minutes this person may read the alert's original pictures and clip;
        each look is audited.
        """
        answer = self.call("POST", f"/api/v1/alerts/{segment(alert_id)}/unblurred", body=body)
        return msgspec.json.decode(answer.content, type=model.UnblurredGrant)

    def post_camera_unblurred(self, camera_id: int, body: model.UnblurredOrder) -> model.UnblurredGrant:
        """Watch unblurred. For 30 minutes this person may take tickets and clear stills of the camera; each
        look is audited.
        """
        answer = self.call("POST", f"/api/v1/cameras/{segment(camera_id)}/unblurred", body=body)
        return msgspec.json.decode(answer.content, type=model.UnblurredGrant)

    def get_upkeep_equipment(self, *, limit: int | None = None) -> Iterator[model.UpkeptEquipment]:
        """What a firm looks after. What was maintained longest ago first; each says when it is due again."""
        return self.pages("/api/v1/upkeep/equipment", list[model.UpkeptEquipment], {"limit": limit})

    def get_upkeep_equipment_piece(self, equipment_id: int) -> model.UpkeptEquipment:
        """One piece that a firm looks after. As it stands today at its site."""
        answer = self.call("GET", f"/api/v1/upkeep/equipment/{segment(equipment_id)}")
        return msgspec.json.decode(answer.content, type=model.UpkeptEquipment)

    def get_upkeep_equipment_piece_records(
        self,
        equipment_id: int,
        *,
        limit: int | None = None,
    ) -> Iterator[model.Record]:
        """A piece's inspections and upkeep. The newest first."""
        return self.pages(f"/api/v1/upkeep/equipment/{segment(equipment_id)}/records", list[model.Record], {"limit": limit})

    def post_upkeep_equipment_piece_records(
        self,
        equipment_id: int,
        body: model.MaintenanceOrder,
    ) -> model.Record:
        """Write maintenance down. Never an inspection: those are the authority's. Records are only ever added."""
        answer = self.call("POST", f"/api/v1/upkeep/equipment/{segment(equipment_id)}/records", body=body)
        return msgspec.json.decode(answer.content, type=model.Record)

    def get_upkeep_rescues(
        self,
        *,
        unfinished: bool | None = None,
        limit: int | None = None,
    ) -> Iterator[model.RescueCall]:
        """Calls to a firm's lifts. The newest alert first; where people are trapped, and what the firm reported."""
        return self.pages("/api/v1/upkeep/rescues", list[model.RescueCall], {"unfinished": unfinished, "limit": limit})

    def post_upkeep_rescue(
        self,
        alert_id: int,
        action: model.RescueAction,
        *,
        body: model.RescueReport | None = None,
    ) -> model.RescueSaid:
        """Report about people who are trapped. As by the link in the push; the audit log has who it was. The
        same report again changes nothing.
        """
        answer = self.call("POST", f"/api/v1/upkeep/rescues/{segment(alert_id)}/{segment(action)}", body=body)
        return msgspec.json.decode(answer.content, type=model.RescueSaid)

    def get_camera_settings(self, camera_id: int) -> model.CameraState:
        """A camera's configuration. Zones, hours and what its edge has made of them. The ETag is the version."""
        answer = self.call("GET", f"/api/v1/cameras/{segment(camera_id)}/settings")
        return msgspec.json.decode(answer.content, type=model.CameraState)

    def put_camera_settings(self, camera_id: int, body: model.CameraSettings) -> model.CameraState:
        """Change a camera. All of its configuration at once. Its edge follows within seconds, or when it is
        back, and says so.
        """
        answer = self.call("PUT", f"/api/v1/cameras/{segment(camera_id)}/settings", body=body)
        return msgspec.json.decode(answer.content, type=model.CameraState)

    def post_site_cameras(self, site_id: int, body: model.NewCamera) -> model.CameraState:
        """Add a camera. A camera of that site. The platform itself never connects to its address; its edge does."""
        answer = self.call("POST", f"/api/v1/sites/{segment(site_id)}/cameras", body=body)
        return msgspec.json.decode(answer.content, type=model.CameraState)

    def get_camera_revisions(self, camera_id: int, *, limit: int | None = None) -> Iterator[model.Revision]:
        """A camera's versions. The newest first: who changed what, and when."""
        return self.pages(f"/api/v1/cameras/{segment(camera_id)}/revisions", list[model.Revision], {"limit": limit})

    def post_camera_restore(self, camera_id: int, body: model.RestoreOrder) -> model.CameraState:
        """Go back to a version. As a new version. All but the address, and the view's number, is as it was then."""
        answer = self.call("POST", f"/api/v1/cameras/{segment(camera_id)}/restore", body=body)
        return msgspec.json.decode(answer.content, type=model.CameraState)

    def post_camera_view(self, camera_id: int, body: model.VersionOrder) -> model.CameraState:
        """Enrol what the camera shows. After somebody turned it on purpose: what it shows next is its view."""
        answer = self.call("POST", f"/api/v1/cameras/{segment(camera_id)}/view", body=body)
        return msgspec.json.decode(answer.content, type=model.CameraState)

    def get_site_cards(self, site_id: int, *, limit: int | None = None) -> Iterator[model.Card]:
        """A site's cards. Yellow and red cards, those in force first, then the newest."""
        return self.pages(f"/api/v1/sites/{segment(site_id)}/cards", list[model.Card], {"limit": limit})

    def post_site_card_lift(self, site_id: int, card_id: int, body: model.CardLift) -> list[model.Card]:
        """Lift a card. Regulator: the card is no longer in force. Needs a reason."""
        answer = self.call("POST", f"/api/v1/sites/{segment(site_id)}/cards/{segment(card_id)}/lift", body=body)
        return msgspec.json.decode(answer.content, type=list[model.Card])

    def get_models(self, *, limit: int | None = None) -> Iterator[model.ModelVersion]:
        """Model versions. What `mingchu model publish` has brought. A camera that names none is looked at
        with its edge's own.
        """
        return self.pages("/api/v1/models", list[model.ModelVersion], {"limit": limit})

    def get_channels(self, *, limit: int | None = None) -> Iterator[model.Channel]:
        """List channels. The channels of the own side and of those that it looks after, with state, budget
        and last error.
        """
        return self.pages("/api/v1/channels", list[model.Channel], {"limit": limit})

    def post_channels(self, body: model.NewChannel) -> model.Channel:
        """Add a channel. Of the own side. A robot's address must be its platform's; an address is never shown
        again.
        """
        answer = self.call("POST", "/api/v1/channels", body=body)
        return msgspec.json.decode(answer.content, type=model.Channel)

    def get_channels_push_key(self) -> model.PushKey:
        """The key for browsers. What a browser subscribes with (VAPID, RFC 8292)."""
        answer = self.call("GET", "/api/v1/channels/push-key")
        return msgspec.json.decode(answer.content, type=model.PushKey)

    def post_channels_browser(self, body: model.Subscription) -> model.Channel:
        """Tell this browser. A browser's subscription as a channel of the person who asks; the same one again
        replaces it.
        """
        answer = self.call("POST", "/api/v1/channels/browser", body=body)
        return msgspec.json.decode(answer.content, type=model.Channel)

    def get_channel(self, channel_id: int) -> model.Channel:
        """One channel. The channel with its state."""
        answer = self.call("GET", f"/api/v1/channels/{segment(channel_id)}")
        return msgspec.json.decode(answer.content, type=model.Channel)

    def put_channel(self, channel_id: int, body: model.ChannelSettings) -> model.Channel:
        """Change a channel. Name, rank, language, quiet hours, on or off. One that was given up is tried again."""
        answer = self.call("PUT", f"/api/v1/channels/{segment(channel_id)}", body=body)
        return msgspec.json.decode(answer.content, type=model.Channel)

    def delete_channel(self, channel_id: int) -> None:
        """Remove a channel. What was sent over it stays on record."""
        self.call("DELETE", f"/api/v1/channels/{segment(channel_id)}")

    def post_channel_test(self, channel_id: int) -> model.Channel:
        """Send a test. A test message over this channel; how it went is seen in `last_sent` and `last_error`
        soon after.
        """
        answer = self.call("POST", f"/api/v1/channels/{segment(channel_id)}/test")
        return msgspec.json.decode(answer.content, type=model.Channel)

    def post_push_opened(self, push_id: str) -> None:
        """A push was opened. What the console's service worker says when a notification is clicked."""
        self.call("POST", f"/api/v1/pushes/{segment(push_id)}/opened")

    def get_webhooks(self, *, limit: int | None = None) -> Iterator[model.Webhook]:
        """List webhooks. Those of the own side, with state, what waits and the last error."""
        return self.pages("/api/v1/webhooks", list[model.Webhook], {"limit": limit})

    def post_webhooks(self, body: model.NewWebhook) -> model.MadeWebhook:
        """Add a webhook. Of the own side: it is told what that side may read. The secret is shown this once."""
        answer = self.call("POST", "/api/v1/webhooks", body=body)
        return msgspec.json.decode(answer.content, type=model.MadeWebhook)

    def get_webhook(self, webhook_id: int) -> model.Webhook:
        """One webhook. The webhook with its state."""
        answer = self.call("GET", f"/api/v1/webhooks/{segment(webhook_id)}")
        return msgspec.json.decode(answer.content, type=model.Webhook)

    def patch_webhook(self, webhook_id: int, body: model.WebhookChange) -> model.Webhook:
        """Change a webhook. Name, address, kinds, on or off; what is left out stays. One that was given up is
        tried again.
        """
        answer = self.call("PATCH", f"/api/v1/webhooks/{segment(webhook_id)}", body=body)
        return msgspec.json.decode(answer.content, type=model.Webhook)

    def delete_webhook(self, webhook_id: int) -> None:
        """Remove a webhook. Nothing more is sent there; what was sent is forgotten."""
        self.call("DELETE", f"/api/v1/webhooks/{segment(webhook_id)}")

    def post_webhook_secret(self, webhook_id: int) -> model.WebhookSecret:
        """A new secret. Shown this once. The one before signs as well for 24 hours: a delivery then has two
        signatures.
        """
        answer = self.call("POST", f"/api/v1/webhooks/{segment(webhook_id)}/secret")
        return msgspec.json.decode(answer.content, type=model.WebhookSecret)

    def post_webhook_ping(self, webhook_id: int) -> model.Delivery:
        """Send a ping. A test before all that waits; how it went stands in its delivery soon after."""
        answer = self.call("POST", f"/api/v1/webhooks/{segment(webhook_id)}/ping")
        return msgspec.json.decode(answer.content, type=model.Delivery)

    def get_webhook_deliveries(
        self,
        webhook_id: int,
        *,
        limit: int | None = None,
    ) -> Iterator[model.Delivery]:
        """What a webhook was sent. The newest first; kept for 14 days."""
        return self.pages(f"/api/v1/webhooks/{segment(webhook_id)}/deliveries", list[model.Delivery], {"limit": limit})

    def get_webhook_deliverie(self, webhook_id: int, delivery_id: int) -> model.Delivery:
        """One delivery. The event and how its delivery went."""
        answer = self.call("GET", f"/api/v1/webhooks/{segment(webhook_id)}/deliveries/{segment(delivery_id)}")
        return msgspec.json.decode(answer.content, type=model.Delivery)

    def post_webhook_deliverie_redeliver(self, webhook_id: int, delivery_id: int) -> model.Delivery:
        """Send it again. The same event under the same id, before all that waits."""
        answer = self.call("POST", f"/api/v1/webhooks/{segment(webhook_id)}/deliveries/{segment(delivery_id)}/redeliver")
        return msgspec.json.decode(answer.content, type=model.Delivery)

    def get_edges(self, *, limit: int | None = None) -> Iterator[model.Edge]:
        """List edges. The edges of the person's authority, and what they have applied. Operators see none."""
        return self.pages("/api/v1/edges", list[model.Edge], {"limit": limit})

    def get_edge(self, edge_id: int) -> model.Edge:
        """One edge. The edge with its presence and configuration."""
        answer = self.call("GET", f"/api/v1/edges/{segment(edge_id)}")
        return msgspec.json.decode(answer.content, type=model.Edge)

    def post_site_edges(self, site_id: int, body: model.NewEdge) -> model.EdgeCode:
        """Add an edge. An edge of that site, and the code that enrols its machine: for one use, within 30
        minutes, shown this once.
        """
        answer = self.call("POST", f"/api/v1/sites/{segment(site_id)}/edges", body=body)
        return msgspec.json.decode(answer.content, type=model.EdgeCode)

    def post_edge_code(self, edge_id: int) -> model.EdgeCode:
        """A new code. Enrols a machine anew; the credential of before ends when the code is used. An unused
        older code is void.
        """
        answer = self.call("POST", f"/api/v1/edges/{segment(edge_id)}/code")
        return msgspec.json.decode(answer.content, type=model.EdgeCode)

    def post_edge_revoke(self, edge_id: int) -> model.Edge:
        """Revoke an edge. The broker drops it within seconds, its uploads are refused, its configuration is
        taken away.
        """
        answer = self.call("POST", f"/api/v1/edges/{segment(edge_id)}/revoke")
        return msgspec.json.decode(answer.content, type=model.Edge)

    def get_vendors(self, *, limit: int | None = None) -> Iterator[model.Vendor]:
        """List vendors. All vendors, with how many profiles and how many devices of the person's authority
        each has.
        """
        return self.pages("/api/v1/vendors", list[model.Vendor], {"limit": limit})

    def get_vendor(self, vendor_code: str) -> model.Vendor:
        """One vendor. The vendor."""
        answer = self.call("GET", f"/api/v1/vendors/{segment(vendor_code)}")
        return msgspec.json.decode(answer.content, type=model.Vendor)

    def put_vendor(self, vendor_code: str, body: model.VendorNames) -> model.Vendor:
        """Add or change a vendor. For an admin of the whole platform: vendors are everybody's."""
        answer = self.call("PUT", f"/api/v1/vendors/{segment(vendor_code)}", body=body)
        return msgspec.json.decode(answer.content, type=model.Vendor)

    def get_vendor_reports(self, vendor_code: str, *, limit: int | None = None) -> Iterator[model.KitReport]:
        """Kit reports that a vendor handed in. The newest first: which device conforms, by which version of
        its profile.
        """
        return self.pages(f"/api/v1/vendors/{segment(vendor_code)}/reports", list[model.KitReport], {"limit": limit})

    def get_vendor_report(self, vendor_code: str, report_id: int) -> bytes:
        """A vendor's report as it was signed. To be verified again with `mingchu vendor verify`."""
        return self.call("GET", f"/api/v1/vendors/{segment(vendor_code)}/reports/{segment(report_id)}").content

    def get_profiles(
        self,
        *,
        vendor: str | None = None,
        limit: int | None = None,
    ) -> Iterator[model.ProfileSummary]:
        """List profiles. The profiles in the versions that are in use."""
        return self.pages("/api/v1/profiles", list[model.ProfileSummary], {"vendor": vendor, "limit": limit})

    def post_profiles(self, content: bytes, *, vendor: str | None = None) -> model.Profile:
        """Install a profile. Ingest reads by it within seconds. A changed file needs a higher version; the
        same once more does no harm.
        """
        answer = self.call("POST", "/api/v1/profiles", query={"vendor": vendor}, content=content, media_type="application/toml")
        return msgspec.json.decode(answer.content, type=model.Profile)

    def post_profiles_check(self, content: bytes) -> model.ProfileCheck:
        """Check a profile. As if to install it: runs its test vectors and tells what it changes. 422 names
        each fault and its line.
        """
        answer = self.call("POST", "/api/v1/profiles/check", content=content, media_type="application/toml")
        return msgspec.json.decode(answer.content, type=model.ProfileCheck)

    def get_profile(self, profile_code: str) -> model.Profile:
        """One profile. Its metrics, units, ranges, codes, and what its test vectors come to."""
        answer = self.call("GET", f"/api/v1/profiles/{segment(profile_code)}")
        return msgspec.json.decode(answer.content, type=model.Profile)

    def get_profile_versions(
        self,
        profile_code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[model.ProfileVersion]:
        """A profile's versions. From the newest on, each with its difference to the one before."""
        return self.pages(f"/api/v1/profiles/{segment(profile_code)}/versions", list[model.ProfileVersion], {"limit": limit})

    def post_site_devices(self, site_id: int, body: model.NewDevice) -> model.Credential:
        """Register a device. A device of that site, and how it logs in: shown this once."""
        answer = self.call("POST", f"/api/v1/sites/{segment(site_id)}/devices", body=body)
        return msgspec.json.decode(answer.content, type=model.Credential)

    def post_devices_import(self, content: bytes, *, check: bool | None = None) -> list[model.ListLine]:
        """Register a list of devices. At most 2,000 lines, each by itself: a bad one leaves the others alone.
        Passwords are shown this once.
        """
        answer = self.call("POST", "/api/v1/devices/import", query={"check": check}, content=content, media_type="text/csv")
        return msgspec.json.decode(answer.content, type=list[model.ListLine])

    def post_devices_claim(self, body: model.Claim) -> model.Credential:
        """Claim a device by its label. Registers the device that the label stands for. A label is used once;
        ten tries a minute.
        """
        answer = self.call("POST", "/api/v1/devices/claim", body=body)
        return msgspec.json.decode(answer.content, type=model.Credential)

    def post_device_credential(self, device_id: int) -> model.Credential:
        """A new credential. Shown this once. The one before ends its connection within seconds; a revoked
        device is let in again.
        """
        answer = self.call("POST", f"/api/v1/devices/{segment(device_id)}/credential")
        return msgspec.json.decode(answer.content, type=model.Credential)

    def post_device_revoke(self, device_id: int) -> model.Access:
        """Revoke a device. Its connection ends within seconds, and neither edge nor gateway may speak for it."""
        answer = self.call("POST", f"/api/v1/devices/{segment(device_id)}/revoke")
        return msgspec.json.decode(answer.content, type=model.Access)

    def get_draws(self, *, limit: int | None = None) -> Iterator[model.DrawSummary]:
        """List draws. The newest first."""
        return self.pages("/api/v1/draws", list[model.DrawSummary], {"limit": limit})

    def post_draws(self, body: model.DrawOrder) -> model.SiteDraw:
        """Draw sites and inspectors by lot. Among the sites and regulators of one's authority; a site of risk
        99 has a hundred times the lots of one of 0.
        """
        answer = self.call("POST", "/api/v1/draws", body=body)
        return msgspec.json.decode(answer.content, type=model.SiteDraw)

    def get_draw(self, draw_id: int) -> model.SiteDraw:
        """One draw. Its seed, candidates, who was drawn, and whether drawing again gives the same."""
        answer = self.call("GET", f"/api/v1/draws/{segment(draw_id)}")
        return msgspec.json.decode(answer.content, type=model.SiteDraw)

    def get_campaigns(self, *, limit: int | None = None) -> Iterator[model.Campaign]:
        """List campaigns. Those of the reader's authority, and of the authorities above and below, with their
        progress.
        """
        return self.pages("/api/v1/campaigns", list[model.Campaign], {"limit": limit})

    def post_campaigns(self, body: model.CampaignOrder) -> model.Campaign:
        """Begin a campaign. Regulator: with all alerts that fit the filter now; later ones are added by hand."""
        answer = self.call("POST", "/api/v1/campaigns", body=body)
        return msgspec.json.decode(answer.content, type=model.Campaign)

    def get_campaign(self, campaign_id: int) -> model.Campaign:
        """One campaign. Its goal, its time and its progress."""
        answer = self.call("GET", f"/api/v1/campaigns/{segment(campaign_id)}")
        return msgspec.json.decode(answer.content, type=model.Campaign)

    def get_campaign_alerts(
        self,
        campaign_id: int,
        *,
        limit: int | None = None,
    ) -> Iterator[model.AlertSummary]:
        """A campaign's alerts. The newest first."""
        return self.pages(f"/api/v1/campaigns/{segment(campaign_id)}/alerts", list[model.AlertSummary], {"limit": limit})

    def post_campaign_alerts(self, campaign_id: int, body: model.CampaignAlerts) -> model.Campaign:
        """Add alerts to a campaign. Regulator of its authority, or above: by hand, at most 200 at once."""
        answer = self.call("POST", f"/api/v1/campaigns/{segment(campaign_id)}/alerts", body=body)
        return msgspec.json.decode(answer.content, type=model.Campaign)

    def get_rules(self, *, limit: int | None = None) -> Iterator[model.RuleLine]:
        """All rules. The current version of each, the gravest first. They are the installation's; every
        regulator sees all.
        """
        return self.pages("/api/v1/rules", list[model.RuleLine], {"limit": limit})

    def post_rules(self, body: model.SaveOrder) -> model.RuleState:
        """Add a rule. A whole document with a code of its own. In force within seconds."""
        answer = self.call("POST", "/api/v1/rules", body=body)
        return msgspec.json.decode(answer.content, type=model.RuleState)

    def post_rules_check(self, body: model.RuleDraft) -> model.CheckedRule:
        """Check a rule. As a document and as fields; nothing is saved. A fault is answered with its line,
        column and position.
        """
        answer = self.call("POST", "/api/v1/rules/check", body=body)
        return msgspec.json.decode(answer.content, type=model.CheckedRule)

    def post_rules_previews(self, body: model.PreviewOrder) -> model.RulePreview:
        """Preview a rule by replay. What it would have raised over the last days in the person's authority.
        Answered in its own time: read it again. A new one takes the place of an earlier one of the same
        person that is not answered yet.
        """
        answer = self.call("POST", "/api/v1/rules/previews", body=body)
        return msgspec.json.decode(answer.content, type=model.RulePreview)

    def get_rules_preview(self, preview_id: str) -> model.RulePreview:
        """How far a preview is, or its answer. New, gone and the same, beside what was raised in that time."""
        answer = self.call("GET", f"/api/v1/rules/previews/{segment(preview_id)}")
        return msgspec.json.decode(answer.content, type=model.RulePreview)

    def get_rule(self, code: str) -> model.RuleState:
        """A rule and its versions. The ETag is the version."""
        answer = self.call("GET", f"/api/v1/rules/{segment(code)}")
        return msgspec.json.decode(answer.content, type=model.RuleState)

    def put_rule(self, code: str, body: model.SaveOrder) -> model.RuleState:
        """Change a rule. As its next version, which ingest and the alert engine follow within seconds."""
        answer = self.call("PUT", f"/api/v1/rules/{segment(code)}", body=body)
        return msgspec.json.decode(answer.content, type=model.RuleState)

    def post_rule_restore(self, code: str, body: model.RestoreRule) -> model.RuleState:
        """Go back to a version. As its next version."""
        answer = self.call("POST", f"/api/v1/rules/{segment(code)}/restore", body=body)
        return msgspec.json.decode(answer.content, type=model.RuleState)

    def post_rule_switch(self, code: str, body: model.SwitchRule) -> model.RuleState:
        """Switch a rule on or off. As its next version. Off, it raises nothing any more, and the conditions
        of its open alerts are over.
        """
        answer = self.call("POST", f"/api/v1/rules/{segment(code)}/switch", body=body)
        return msgspec.json.decode(answer.content, type=model.RuleState)

    def get_equipment(
        self,
        *,
        site: int | None = None,
        search: str | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Equipment]:
        """List special equipment. In the person's scope: what failed its inspection first, then by the next
        inspection.
        """
        return self.pages("/api/v1/equipment", list[model.Equipment], {"site": site, "search": search, "limit": limit})

    def put_equipment(self, body: model.EquipmentOrder) -> model.Equipment:
        """Register equipment. Add it, or change what is said of it: `site` and `code` name it. Needs the
        right to configure.
        """
        answer = self.call("PUT", "/api/v1/equipment", body=body)
        return msgspec.json.decode(answer.content, type=model.Equipment)

    def get_equipment_due(
        self,
        *,
        days: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Equipment]:
        """Inspections that are due. What failed, is overdue, or is due within so many days of today, by the
        calendar of each site's time zone.
        """
        return self.pages("/api/v1/equipment/due", list[model.Equipment], {"days": days, "limit": limit})

    def post_equipment_import(self, file: File) -> list[model.ImportLine]:
        """Import a list of equipment. Columns: site, code, kind, zh; en, registration, use_unit, maintainer,
        hotline, next_inspection, device.
        """
        answer = self.call("POST", "/api/v1/equipment/import", form={"file": file})
        return msgspec.json.decode(answer.content, type=list[model.ImportLine])

    def get_equipment_piece(self, equipment_id: int) -> model.Equipment:
        """One piece of equipment. As it stands today at its site."""
        answer = self.call("GET", f"/api/v1/equipment/{segment(equipment_id)}")
        return msgspec.json.decode(answer.content, type=model.Equipment)

    def delete_equipment_piece(self, equipment_id: int) -> None:
        """Take equipment out. Its public page ends, its records stay."""
        self.call("DELETE", f"/api/v1/equipment/{segment(equipment_id)}")

    def put_equipment_piece_firm(self, equipment_id: int, body: model.FirmOrder) -> model.Equipment:
        """Name the maintenance firm. Its people see the piece and write its maintenance down. Needs the right
        to configure.
        """
        answer = self.call("PUT", f"/api/v1/equipment/{segment(equipment_id)}/firm", body=body)
        return msgspec.json.decode(answer.content, type=model.Equipment)

    def get_firms(self, *, limit: int | None = None) -> Iterator[model.Firm]:
        """Maintenance firms to choose from. For who may configure."""
        return self.pages("/api/v1/firms", list[model.Firm], {"limit": limit})

    def get_equipment_piece_records(
        self,
        equipment_id: int,
        *,
        limit: int | None = None,
    ) -> Iterator[model.Record]:
        """Inspections and maintenance. The newest first."""
        return self.pages(f"/api/v1/equipment/{segment(equipment_id)}/records", list[model.Record], {"limit": limit})

    def post_equipment_piece_records(self, equipment_id: int, body: model.RecordOrder) -> list[model.Record]:
        """Write an inspection or a maintenance down. Inspections by the authority, maintenance by the
        operator too. Records are only ever added.
        """
        answer = self.call("POST", f"/api/v1/equipment/{segment(equipment_id)}/records", body=body)
        return msgspec.json.decode(answer.content, type=list[model.Record])

    def get_complaints(
        self,
        *,
        site: int | None = None,
        unanswered: bool | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Complaint]:
        """Complaints of the public. The newest first. An operator sees those of trapped people alone."""
        return self.pages("/api/v1/complaints", list[model.Complaint], {"site": site, "unanswered": unanswered, "limit": limit})

    def get_complaint(self, complaint_id: int) -> model.Complaint:
        """One complaint. With its photos and the authority's answers."""
        answer = self.call("GET", f"/api/v1/complaints/{segment(complaint_id)}")
        return msgspec.json.decode(answer.content, type=model.Complaint)

    def post_complaint_answer(self, complaint_id: int, body: model.AnswerOrder) -> model.Complaint:
        """Answer a complaint. Regulator: answer it, and close it where said so."""
        answer = self.call("POST", f"/api/v1/complaints/{segment(complaint_id)}/answer", body=body)
        return msgspec.json.decode(answer.content, type=model.Complaint)

    def get_site_public(self, site_id: int) -> model.Publicity:
        """What a site shows the public. All is off until somebody switches it on."""
        answer = self.call("GET", f"/api/v1/sites/{segment(site_id)}/public")
        return msgspec.json.decode(answer.content, type=model.Publicity)

    def put_site_public(self, site_id: int, body: model.PublicityOrder) -> model.Publicity:
        """Publish a site. Authority: badge and page, the cameras that they show, and the consent to show them
        live.
        """
        answer = self.call("PUT", f"/api/v1/sites/{segment(site_id)}/public", body=body)
        return msgspec.json.decode(answer.content, type=model.Publicity)

    def put_site_public_live(self, site_id: int, body: model.LiveWish) -> model.Publicity:
        """Agree to be shown live. Operator: nobody makes this choice for him."""
        answer = self.call("PUT", f"/api/v1/sites/{segment(site_id)}/public/live", body=body)
        return msgspec.json.decode(answer.content, type=model.Publicity)

    def get_reports(
        self,
        *,
        span: model.Span | None = None,
        limit: int | None = None,
    ) -> Iterator[model.ReportSummary]:
        """List reports. By the ends of their periods, the newest first."""
        return self.pages("/api/v1/reports", list[model.ReportSummary], {"span": span, "limit": limit})

    def post_reports(self, body: model.ReportOrder) -> model.ReportWhole:
        """Make a report. Of a period that is over; one that is there already is answered as it is."""
        answer = self.call("POST", "/api/v1/reports", body=body)
        return msgspec.json.decode(answer.content, type=model.ReportWhole)

    def get_reports_subscriptions(self, *, limit: int | None = None) -> Iterator[model.ReportSubscription]:
        """Who gets reports by themselves. In the order in which they were made, with how the newest report of
        each went.
        """
        return self.pages("/api/v1/reports/subscriptions", list[model.ReportSubscription], {"limit": limit})

    def post_reports_subscriptions(self, body: model.ReportSubscriptionOrder) -> model.ReportSubscription:
        """Subscribe to a report. From the next period on. The people behind the channel must be ones who may
        read it.
        """
        answer = self.call("POST", "/api/v1/reports/subscriptions", body=body)
        return msgspec.json.decode(answer.content, type=model.ReportSubscription)

    def delete_reports_subscription(self, subscription_id: int) -> None:
        """End a subscription. Nothing more is sent for it."""
        self.call("DELETE", f"/api/v1/reports/subscriptions/{segment(subscription_id)}")

    def get_report(self, report_id: int) -> model.ReportWhole:
        """One report. All its figures."""
        answer = self.call("GET", f"/api/v1/reports/{segment(report_id)}")
        return msgspec.json.decode(answer.content, type=model.ReportWhole)

    def get_report_workbook(self, report_id: int, *, lang: str | None = None) -> bytes:
        """A report as XLSX. The same figures as a workbook."""
        return self.call("GET", f"/api/v1/reports/{segment(report_id)}/workbook", query={"lang": lang}).content

    def get_report_pdf(self, report_id: int, *, lang: str | None = None) -> bytes:
        """A report as PDF. The same figures to print."""
        return self.call("GET", f"/api/v1/reports/{segment(report_id)}/pdf", query={"lang": lang}).content

    def get_checklists(self, *, limit: int | None = None) -> Iterator[model.Checklist]:
        """Checklists. What inspections can ask, in the versions that are in use."""
        return self.pages("/api/v1/checklists", list[model.Checklist], {"limit": limit})

    def get_inspections(
        self,
        *,
        done: bool | None = None,
        site: int | None = None,
        limit: int | None = None,
    ) -> Iterator[model.Inspection]:
        """List inspections. To do: the most overdue first. Done: the newest first."""
        return self.pages("/api/v1/inspections", list[model.Inspection], {"done": done, "site": site, "limit": limit})

    def post_inspections(self, body: model.InspectionOrder) -> model.InspectionDocument:
        """Assign an inspection. Regulator: a checklist for a site, due at the end of a day."""
        answer = self.call("POST", "/api/v1/inspections", body=body)
        return msgspec.json.decode(answer.content, type=model.InspectionDocument)

    def get_inspection(self, inspection_id: int) -> model.InspectionDocument:
        """One inspection. Its steps, what was answered and signed so far, and whether a done one is as it was
        signed.
        """
        answer = self.call("GET", f"/api/v1/inspections/{segment(inspection_id)}")
        return msgspec.json.decode(answer.content, type=model.InspectionDocument)

    def post_inspection_answers(
        self,
        inspection_id: int,
        *,
        item: str | None = None,
        value: str | None = None,
        note: str | None = None,
        alert: int | None = None,
        photos: Sequence[File] | None = None,
    ) -> model.InspectionDocument:
        """Answer an item. Of the step whose turn it is, or of one before it. What fails needs a note and a
        photo.
        """
        answer = self.call("POST", f"/api/v1/inspections/{segment(inspection_id)}/answers", form={"item": item, "value": value, "note": note, "alert": alert, "photos": photos})
        return msgspec.json.decode(answer.content, type=model.InspectionDocument)

    def post_inspection_signature(
        self,
        inspection_id: int,
        side: model.ChecklistSide,
        *,
        name: str | None = None,
        signature: File | None = None,
    ) -> model.InspectionDocument:
        """Sign an inspection. When all is answered. The last signature that it needs closes it: after that it
        never changes.
        """
        answer = self.call("POST", f"/api/v1/inspections/{segment(inspection_id)}/signatures/{segment(side)}", form={"name": name, "signature": signature})
        return msgspec.json.decode(answer.content, type=model.InspectionDocument)

    def get_inspection_plans(self, *, limit: int | None = None) -> Iterator[model.InspectionPlan]:
        """What comes again. Checklists that come again, the newest plan first."""
        return self.pages("/api/v1/inspection-plans", list[model.InspectionPlan], {"limit": limit})

    def post_inspection_plans(self, body: model.PlanOrder) -> None:
        """Let a checklist come again. Regulator: its first inspection is there at once where it has begun."""
        self.call("POST", "/api/v1/inspection-plans", body=body)

    def post_inspection_plan_end(self, plan_id: int) -> None:
        """End what comes again. Regulator: no further inspections; those that are there stay."""
        self.call("POST", f"/api/v1/inspection-plans/{segment(plan_id)}/end")

    def get_risk(self, *, kind: str | None = None, limit: int | None = None) -> Iterator[model.RankedSite]:
        """Sites by risk. The riskiest first, as of the newest day that was scored; a walk stays with the day
        that it began with.
        """
        return self.pages("/api/v1/risk", list[model.RankedSite], {"kind": kind, "limit": limit})

    def get_site_risk(self, site_id: int) -> model.Risk:
        """A site's risk. Its score, the terms that make it, and its last 30 days; 404 before it was scored."""
        answer = self.call("GET", f"/api/v1/sites/{segment(site_id)}/risk")
        return msgspec.json.decode(answer.content, type=model.Risk)

    def get_device_risk(self, device_id: int) -> model.Risk:
        """A device's risk. The same of a device."""
        answer = self.call("GET", f"/api/v1/devices/{segment(device_id)}/risk")
        return msgspec.json.decode(answer.content, type=model.Risk)

    def get_views(self, *, limit: int | None = None) -> Iterator[model.View]:
        """Own saved views. In the order in which they were kept; nobody else's."""
        return self.pages("/api/v1/views", list[model.View], {"limit": limit})

    def put_view(self, name: str, body: model.ViewOrder) -> model.View:
        """Keep a view. In the place of the own one of that name; there may be twelve."""
        answer = self.call("PUT", f"/api/v1/views/{segment(name)}", body=body)
        return msgspec.json.decode(answer.content, type=model.View)

    def delete_view(self, saved_id: int) -> None:
        """Forget a view. One of one's own."""
        self.call("DELETE", f"/api/v1/views/{segment(saved_id)}")

    def get_export(
        self,
        table: model.Table,
        *,
        from_: datetime,
        to: datetime,
        format: model.Format | None = None,
        site: int | None = None,
        device: int | None = None,
    ) -> bytes:
        """Export a table. What the person may read, in order. Readings and transactions are of one device, at
        most 31 days of them.
        """
        return self.call("GET", f"/api/v1/exports/{segment(table)}", query={"from": from_, "to": to, "format": format, "site": site, "device": device}).content

    def get_viid_notices(
        self,
        *,
        status: Sequence[model.Status] | None = None,
        limit: int | None = None,
    ) -> model.Notices:
        """Alerts as GA/T 1400 notices. The newest alerts first, each with its redacted picture. What is
        conformant, and what is not: docs/API.md.
        """
        answer = self.call("GET", "/api/v1/viid/notices", query={"status": status, "limit": limit})
        return msgspec.json.decode(answer.content, type=model.Notices)
