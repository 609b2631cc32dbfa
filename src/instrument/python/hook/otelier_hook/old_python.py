# Run by sitecustomize on Python before 3.10, any version: says that this interpreter is left alone.
import json
import os
import sys

directory = os.environ.get("OTELIER_RUN_DIR")
if directory and os.path.isdir(os.path.join(directory, "status")):
    version = "%d.%d" % sys.version_info[:2]
    line = json.dumps(
        {
            "event": "left-alone",
            "pid": os.getpid(),
            "runtime": "python " + version,
            "reason": "the OpenTelemetry agent needs Python 3.10 or newer",
        }
    )
    with open(os.path.join(directory, "status", "%d.jsonl" % os.getpid()), "a") as out:
        out.write(line + "\n")
