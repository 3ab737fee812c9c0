"""The two hooks (PEP 517) that `pip download` calls, answered from PKG-INFO alone."""

import os
import sys


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    fields = {}
    with open("PKG-INFO", encoding="utf-8") as info:
        for line in info:
            key, separator, value = line.partition(": ")
            if not separator:
                break
            fields.setdefault(key, value.strip())
    name, version = fields["Name"], fields["Version"]
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    os.makedirs(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w") as metadata:
        metadata.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    with open(os.path.join(metadata_directory, folder, "WHEEL"), "w") as wheel:
        wheel.write("Wheel-Version: 1.0\nGenerator: holdfast\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    return folder


# What pip asks for when a distribution names no build system at all.
__legacy__ = sys.modules[__name__]
