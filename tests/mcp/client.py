"""A whole session with `proteus mcp` through the official Python client (PyPI `mcp`).

Usage: python3 tests/mcp/client.py PROGRAM DATASET
PROGRAM is a binary built with `--features mcp`; DATASET a folder, of which a copy is served. Prints what each call gave and
ends with an error where one is not as it should be.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


def text(result):
    return result.content[0].text


async def session_with(program, root, name):
    progress = []

    async def told(done, total, message):
        progress.append(done)
        print(f"  progress {done:.2f} of {total:.0f}: {message}")

    server = StdioServerParameters(command=program, args=["mcp", "--root", str(root)])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
        welcome = await client.initialize()
        info = getattr(welcome, "serverInfo", None) or welcome.server_info
        spoken = getattr(welcome, "protocolVersion", None) or welcome.protocol_version
        print(f"{info.name} {info.version}, protocol {spoken}")

        tools = (await client.list_tools()).tools
        size = len(json.dumps([t.model_dump(exclude_none=True, mode="json") for t in tools]))
        print(f"{len(tools)} tools, {size} characters")
        assert {"inspect", "plan", "run", "report", "explain"} <= {t.name for t in tools}

        async def call(tool, arguments, fails=False, **more):
            begun = time.monotonic()
            result = await client.call_tool(tool, arguments, **more)
            dumped = result.model_dump(mode="json")
            failed = dumped.get("isError", dumped.get("is_error"))
            value = dumped.get("structuredContent", dumped.get("structured_content"))
            lines = text(result).splitlines()
            print(f"{tool}: {len(text(result))} characters, {time.monotonic() - begun:.1f} s, error {failed}")
            for line in lines[:6]:
                print(f"  | {line[:150]}")
            assert failed is fails, text(result)
            return value

        seen = await call("inspect", {"path": name})
        contrast = seen["design"]["contrasts"][0]["id"]
        await call("plan", {"path": name, "contrast": contrast})
        summary = await call(
            "run",
            {"path": name, "contrast": contrast, "decoys": 20, "seed": 7},
            progress_callback=told,
        )
        assert progress == sorted(set(progress)) and progress[-1] == 9, progress
        assert summary["hypotheses"], "a bundled dataset gives hypotheses"
        reported = await call("report", {"run": summary["run"]})
        assert reported == summary
        await call("report", {"format": "json", "first": 1})
        await call("explain", {"hypothesis": "1"})
        await call("why", {"hypothesis": "1"})
        await call("runs", {})
        await call("tool_differential_abundance", {"path": name, "contrast": contrast, "rows": 3})
        await call("inspect", {"path": "../outside.tsv"}, fails=True)
        await call("inspect", {"path": name, "colour": "red"}, fails=True)
        try:
            await client.call_tool("shell", {})
            raise AssertionError("an unknown tool was called")
        except Exception as error:
            print(f"shell: {type(error).__name__}: {error}")
            assert "unknown tool" in str(error), error


def main():
    program, dataset = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    print(f"mcp {version('mcp')} on Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as root:
        shutil.copytree(dataset, Path(root) / dataset.name)
        asyncio.run(session_with(program, root, dataset.name))
    print("all as it should be")


if __name__ == "__main__":
    main()
