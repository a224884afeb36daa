"""How findings and incidents are said to people who read the record."""

from collections.abc import Mapping

from apps.audit.timeline import Words

ACTIONS: Mapping[str, Words] = {
    # findings
    "model.raise_finding": Words("Raised", "raise a finding on", "flag", "warn"),
    "incident.raise_finding": Words("Raised", "raise a finding from", "flag", "warn"),
    "model.open_finding": Words("Found:", "open a finding on", "flag", "warn"),
    "finding.trace_back": Words("Found on an earlier version:", "trace back", "flag", "warn"),
    "finding.worsen": Words("Grew worse:", "worsen", "trending-down", "bad"),
    "finding.plan": Words("Planned", "plan", "list-todo", "info"),
    "finding.attach_evidence": Words("Attached evidence to", "attach to", "paperclip"),
    "finding.report_ready": Words("Ready to close:", "report as ready", "check", "info"),
    "finding.propose_closing": Words("Settled:", "propose to close", "check", "info"),
    "finding.assign": Words("Assigned", "assign", "user-round"),
    "finding.change_severity": Words("Changed the severity of", "change the severity of", "pencil"),
    "finding.extend": Words("Gave more time to", "give more time to", "calendar-plus", "warn"),
    "finding.close": Words("Closed", "close", "check", "good"),
    "finding.reopen": Words("Opened again:", "open again", "rotate-ccw", "warn"),
    "finding.accept_risk": Words("Accepted the risk of", "accept the risk of", "shield-alert"),
    "risk_acceptance.end": Words("Accepted no longer:", "end", "hourglass", "warn"),
    # incidents
    "model.report_incident": Words("Reported", "report an incident of", "siren", "bad"),
    "incident.classify": Words("Classified", "classify", "pencil", "warn"),
    "incident.contain": Words("Contained", "contain", "shield-check", "info"),
    "incident.close": Words("Closed", "close", "check", "good"),
    "report_duty.report": Words("Told the authority:", "report", "send", "good"),
    "report_duty.set_aside": Words("Set aside:", "set aside", "ban", "warn"),
}
