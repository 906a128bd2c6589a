"""The clients: with which generator and options they are made, and how they are built and run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.tools import HERE, Tools

MEMORY = ["-Xmx2g", "-XX:+UseSerialGC"]
# A short run of a large program is faster with the simpler compiler of the JVM.
JAVA = ["java", *MEMORY, "-XX:TieredStopAtLevel=1"]


@dataclass(frozen=True)
class Build:
    """Where to find the schema and the tools, and where to write."""

    tools: Tools
    work: Path

    def schema(self, version: str) -> Path:
        return self.work / f"openapi-{version}.json"

    def folder(self, client: Client) -> Path:
        return self.work / client.name


@dataclass(frozen=True)
class Client:
    """A generated client.

    `generator`, `library` and `options` are those of OpenAPI Generator. Clients with the same
    `compiler` are compiled together. `run` returns the command of the scenario without its
    arguments; without it the client is only parsed. `openapi` is the version of the schema that it
    is generated from; each version is used by some clients.
    """

    name: str
    generator: str = ""
    library: str = ""
    options: dict[str, str | bool] = field(default_factory=dict)
    compiler: str = ""
    openapi: str = "3.1"
    run: Callable[[Build], Sequence[str | Path]] | None = None


def call(command: Sequence[str | Path], log: Path, **options: object) -> None:
    """Run a command. Raise `CalledProcessError` with its output, which `log` keeps, if it fails."""
    done = subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    log.write_text(done.stdout)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command[0], done.stdout[-6000:])


def generate_all(build: Build, clients: Sequence[Client]) -> None:
    """Generate the clients of OpenAPI Generator, all in one JVM."""
    configs = []
    for client in clients:
        if not client.generator:
            continue
        config = {
            "generatorName": client.generator,
            "inputSpec": str(build.schema(client.openapi)),
            "outputDir": str(build.folder(client)),
            "additionalProperties": client.options,
        }
        if client.library:
            config["library"] = client.library
        path = build.work / f"{client.name}.json"
        path.write_text(json.dumps(config))
        configs.append(path)
    if configs:
        jar = build.tools.jar("openapi-generator")
        command = [*JAVA, "-jar", jar, "batch", "--fail-fast", "--threads", "2", *configs]
        call(command, build.work / "generate.log")


def generate_openapi_fetch(build: Build, client: Client) -> None:
    build.folder(client).mkdir()
    program = build.tools.npm(".bin/openapi-typescript")
    output = build.folder(client) / "schema.ts"
    call(
        [program, build.schema(client.openapi), "--output", output],
        build.work / f"{client.name}.log",
    )


# It knows no pictures, but sends and reads bytes.
PYTHON_OPTIONS = {
    "content_type_overrides": dict.fromkeys(
        ("image/jpeg", "image/png", "image/webp", "image/heic"), "application/octet-stream"
    )
}


def generate_python(build: Build, client: Client) -> None:
    """Generate with a template that lets enums take unknown values."""
    config = build.work / "python.json"
    options = {"package_name_override": "todomate_client", "post_hooks": []}
    config.write_text(json.dumps(options | PYTHON_OPTIONS))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += [
        "--path",
        str(build.schema(client.openapi)),
        "--config",
        str(config),
        "--fail-on-warning",
    ]
    command += ["--custom-template-path", str(HERE / "python" / "templates")]
    command += ["--output-path", str(build.folder(client) / "todomate_client")]
    build.folder(client).mkdir()
    call(command, build.work / f"{client.name}.log")


def compile_typescript(build: Build, clients: Sequence[Client]) -> None:
    """Compile each scenario with the types that it imports. tsc checks all of a client's files."""
    for client in clients:
        folder = build.folder(client)
        source = HERE / "typescript" / f"{client.name.replace('-', '_')}.ts"
        for path in (source, HERE / "typescript" / "support.ts"):
            (folder / path.name).write_bytes(path.read_bytes())
        # Imports are looked for in the folders above a file.
        (folder / "node_modules").symlink_to(build.tools.folder / "node_modules")
        command = [build.tools.npm(".bin/tsc"), "--strict"]
        if not client.generator:  # the runtime of OpenAPI Generator does not pass this check
            command += ["--noUncheckedIndexedAccess"]
        command += ["--target", "es2022", "--lib", "es2022,dom", "--module", "node16"]
        command += ["--skipLibCheck", "--outDir", folder / "js"]
        command += sorted(folder.glob("*.ts"))
        call(command, build.work / f"{client.name}.log")


def compile_python(build: Build, clients: Sequence[Client]) -> None:
    """Check the types of the client and of the scenario."""
    for client in clients:
        scenario = build.folder(client) / "scenario.py"
        scenario.write_bytes((HERE / "python" / "scenario.py").read_bytes())
        # Not the project's settings of mypy, which are for Django.
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
        command += ["--cache-dir", build.work / "mypy", "."]
        call(command, build.work / f"{client.name}.log", cwd=build.folder(client))


def compile_java(build: Build, clients: Sequence[Client]) -> None:
    for client in clients:
        folder = build.folder(client)
        sources = [*sorted((folder / "src/main").rglob("*.java")), *(HERE / "java").rglob("*.java")]
        listing = folder / "sources"
        listing.write_text("\n".join(map(str, sources)))
        command = ["javac", "-nowarn", "-proc:none", "-d", folder / "classes", f"@{listing}"]
        command += ["-cp", build.tools.jar("openapi-generator")]
        call(command, build.work / f"{client.name}.log")


KOTLIN_COMPILER = (
    "kotlin-compiler",
    "kotlin-stdlib",
    "kotlin-reflect",
    "kotlin-script-runtime",
    "kotlinx-coroutines-core-jvm",
    "annotations-13.0",
)
KOTLIN_LIBRARIES = (
    "kotlin-stdlib",
    "okhttp",
    "okio",
    "kotlinx-serialization-core",
    "kotlinx-serialization-json",
    "gson",
)


def compile_kotlin(build: Build, clients: Sequence[Client]) -> None:
    """Compile all clients at once: two compilations take almost twice as long."""
    tools = build.tools
    sources: list[Path] = []
    for client in clients:
        package = str(client.options["packageName"])
        scenario = build.folder(client) / "scenario"
        scenario.mkdir()
        for path in (HERE / "kotlin" / "Scenario.kt", HERE / "kotlin" / f"{client.name}.kt"):
            # The scenario is the same for each serializer, except for the package of the client.
            text = path.read_text().replace("todomate.client", package)
            (scenario / path.name).write_text(text)
        sources += [build.folder(client) / "src/main", scenario]
    plugin = tools.jar("kotlinx-serialization-compiler-plugin")
    command = [*JAVA, "-cp", tools.class_path(*KOTLIN_COMPILER)]
    command += ["org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect"]
    command += ["-nowarn", f"-Xplugin={plugin}", "-cp", tools.class_path(*KOTLIN_LIBRARIES)]
    call([*command, "-d", build.work / "kotlin.jar", *sources], build.work / "kotlin.log")


def run_node(name: str) -> Callable[[Build], Sequence[str | Path]]:
    return lambda build: ["node", build.work / name / "js" / f"{name.replace('-', '_')}.js"]


def run_python(build: Build) -> Sequence[str | Path]:
    return [sys.executable, build.work / "openapi-python-client" / "scenario.py"]


def run_java(build: Build) -> Sequence[str | Path]:
    path = build.tools.class_path(build.work / "java-native" / "classes", "openapi-generator")
    return [*JAVA, "-cp", path, "Scenario"]


def run_kotlin(package: str) -> Callable[[Build], Sequence[str | Path]]:
    def command(build: Build) -> Sequence[str | Path]:
        path = build.tools.class_path(build.work / "kotlin.jar", *KOTLIN_LIBRARIES)
        return [*JAVA, "-cp", path, f"{package}.scenario.ScenarioKt"]

    return command


UNKNOWN = {"enumUnknownDefaultCase": True}
CLIENTS = [
    Client("openapi-fetch", compiler="typescript", run=run_node("openapi-fetch")),
    Client(
        "typescript-fetch",
        generator="typescript-fetch",
        options={"supportsES6": True},
        openapi="3.0",
        compiler="typescript",
        run=run_node("typescript-fetch"),
    ),
    Client("openapi-python-client", compiler="python", run=run_python),
    Client(
        "java-native",
        generator="java",
        library="native",
        options={
            "invokerPackage": "todomate.client",
            "apiPackage": "todomate.client.api",
            "modelPackage": "todomate.client.model",
            "openApiNullable": False,
            **UNKNOWN,
        },
        compiler="java",
        run=run_java,
    ),
    Client(
        "kotlin-kotlinx",
        generator="kotlin",
        library="jvm-okhttp4",
        options={
            "packageName": "todomate.kotlinx",
            "serializationLibrary": "kotlinx_serialization",
            **UNKNOWN,
        },
        compiler="kotlin",
        run=run_kotlin("todomate.kotlinx"),
    ),
    Client(
        "kotlin-gson",
        generator="kotlin",
        library="jvm-okhttp4",
        options={"packageName": "todomate.gson", "serializationLibrary": "gson"},
        openapi="3.0",
        compiler="kotlin",
        run=run_kotlin("todomate.gson"),
    ),
    Client("swift", generator="swift6", options=UNKNOWN),
    Client("dart", generator="dart", options=UNKNOWN, openapi="3.0"),
]
GENERATORS = {
    "openapi-fetch": generate_openapi_fetch,
    "openapi-python-client": generate_python,
}
COMPILERS = {
    "typescript": compile_typescript,
    "python": compile_python,
    "java": compile_java,
    "kotlin": compile_kotlin,
}
