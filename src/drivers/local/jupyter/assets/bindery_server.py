"""Starts the Jupyter server of one session; everything it must know comes by the environment."""
import json
import os
import sys


def main():
    settings = json.loads(os.environ.pop("BINDERY_SERVER"))
    settings["token"] = os.environ.pop("BINDERY_SERVER_TOKEN")
    claim_secret = os.environ.pop("BINDERY_SERVER_CLAIM_SECRET")
    here = os.path.dirname(os.path.abspath(__file__))
    if here not in sys.path:
        sys.path.append(here)

    import bindery_session

    bindery_session.configure(settings, claim_secret)
    os.makedirs(settings["paths"]["runtime"], mode=0o700, exist_ok=True)
    if settings["server"] == "generic":
        from bindery_generic import serve
    else:
        from bindery_environment import serve
    serve(settings, here)


if __name__ == "__main__":
    main()
