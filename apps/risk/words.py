"""How judgment is said to people who read the record."""

from collections.abc import Mapping

from apps.audit.timeline import Words

ACTIONS: Mapping[str, Words] = {
    # questionnaires
    "questionnaire.take_in": Words("Took in the questionnaire", "take in", "scroll-text"),
    "questionnaire.draft": Words("Drafted the questionnaire", "draft", "scroll-text"),
    "questionnaire.change_draft": Words("Changed the draft", "change the draft", "pencil"),
    "questionnaire.drop_draft": Words("Dropped the draft", "drop the draft", "trash-2"),
    "questionnaire.propose": Words("Proposed the questionnaire", "propose", "send", "info"),
    "questionnaire.sign": Words("Signed the questionnaire", "sign", "pen-line", "good"),
    "questionnaire.decline": Words("Declined the questionnaire", "decline", "x", "bad"),
    "questionnaire.publish": Words("Published the questionnaire", "publish", "scale", "good"),
    "questionnaire.retire": Words("Retired the questionnaire", "retire", "archive", "warn"),
    "questionnaire.retire_shipped": Words("Retired the questionnaire", "retire", "archive", "warn"),
    "questionnaire.offer_again": Words("Asks again:", "ask again", "rotate-ccw", "info"),
    # assessments
    "assessment.start": Words("Started", "start", "clipboard-pen", "info"),
    "assessment.answer": Words("Answered", "answer", "pencil"),
    "assessment.keep": Words("Kept answers of", "keep answers of", "pencil"),
    "assessment.confirm": Words("Confirmed what was filled in:", "confirm", "check"),
    "assessment.import_answers": Words("Took over answers for", "take over", "clipboard-paste"),
    "assessment.attach_evidence": Words("Attached evidence to", "attach to", "paperclip"),
    "answer_evidence.remove": Words("Took off", "take off", "paperclip", "warn"),
    "assessment.move": Words("Moved to a newer questionnaire:", "move", "arrow-up"),
    "assessment.drop": Words("Dropped", "drop", "trash-2", "warn"),
    "assessment.submit": Words("Submitted", "submit", "send", "info"),
    "assessment.take_back": Words("Took back", "take back", "undo-2", "warn"),
    "assessment.sign": Words("Reviewed", "review", "pen-line", "good"),
    "assessment.make_stale": Words("Counts no longer:", "make stale", "hourglass", "warn"),
    "assessment.export": Words("Took away", "take away", "download"),
    # what follows from assessments
    "assessment.settle_obligations": Words("Settled what follows from", "settle", "list-checks"),
    "inventory.record_assessed": Words("Recorded what was assessed of", "record", "table"),
    "obligation.meet": Words("Called met", "call met", "check", "good"),
    "obligation.defer": Words("Put off", "put off", "hourglass", "warn"),
    "obligation.assign": Words("Gave to somebody", "give to somebody", "user", "info"),
    "model.override_tier": Words("Asked for another tier:", "ask for another tier of", "scale"),
    "tier_override.sign": Words("Signed", "sign", "pen-line", "good"),
    "tier_override.withdraw": Words("Took back", "take back", "undo-2", "warn"),
    "tier_override.end": Words("Over:", "end", "hourglass", "warn"),
    # reviews, attestations and campaigns
    "model.plan_review": Words("Planned", "plan a review of", "calendar-days", "info"),
    "model.carry_out_review": Words("Carried out", "review", "search-check", "good"),
    "review.drop": Words("Dropped", "drop", "trash-2", "warn"),
    "model.attest": Words("Attested the record of", "attest the record of", "pen-line", "good"),
    "model.correct_record": Words(
        "Said what is wrong with the record of", "correct the record of", "flag", "warn"
    ),
    "campaign.begin": Words("Began the campaign", "begin a campaign", "megaphone", "info"),
    "campaign.ask_owners": Words("Asked owners for", "ask owners for", "megaphone"),
    "campaign.open": Words("Under way:", "open", "megaphone", "info"),
    "campaign.complete": Words("Answered by everybody:", "complete", "check", "good"),
    "campaign.end": Words("Ended the campaign", "end the campaign", "ban", "warn"),
    "campaign.export": Words("Took away how models stood:", "take away", "download"),
    "campaign.keep_snapshot": Words("Kept how models stood after", "keep", "archive"),
    "campaign_entry.escalate": Words("Not answered in time:", "escalate", "clock-alert", "bad"),
    # registers and the portfolio
    "user.export_register": Words("Exported a register, as", "export a register, as", "download"),
    "user.export_portfolio": Words("Exported the portfolio, as", "export it, as", "download"),
}
