"""The operations of the timeline in the schema."""

from core.schema.operations import Operation, describe

describe("timeline", list_timeline=Operation("List the timeline"))
