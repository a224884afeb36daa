"""How what was done about environments and deployments is said to who reads the record."""

from apps.audit.timeline import Words

ACTIONS: dict[str, Words] = {
    "environment.create": Words(
        "Described the environment", "describe an environment", "server", "info"
    ),
    "environment.change": Words("Changed the environment", "change the environment", "pencil"),
    "environment.close": Words("Closed the environment", "close the environment", "server-off"),
    "environment.see": Words("Reported what is seen in", "report what is seen in", "scan-eye"),
    "environment.look": Words("Looked at what runs in", "look at what runs in", "scan-eye"),
    "deployment.deploy": Words("Asked for", "put a version somewhere of", "rocket", "info"),
    "deployment.shift": Words("Shifted traffic by", "shift traffic of", "split", "info"),
    "deployment.roll_back": Words("Went back by", "go back in", "undo-2", "warn"),
    "deployment.withdraw": Words("Withdrew by", "withdraw", "circle-stop", "warn"),
    "deployment.begin_drill": Words("Began the", "begin a rollback drill of", "rotate-ccw"),
    "rollout.claim": Words("Took up", "take up", "play"),
    "rollout.conclude": Words("Concluded", "conclude", "check"),
    "rollout.confirm": Words("Saw confirmed:", "confirm", "check", "good"),
    "rollout.expire": Words("Gave up waiting for", "give up waiting for", "hourglass", "warn"),
    "rollout.record": Words("Recorded the end of", "record the end of", "pen-line"),
    "rollout.take_back": Words("Took back from a lost worker:", "take back", "undo-2", "warn"),
    "drill.return": Words("Came forth again in the", "come forth again in the", "rotate-cw"),
    "drill.conclude": Words("Concluded the", "conclude the", "check"),
}
