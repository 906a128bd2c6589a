package todomate.client.scenario

import todomate.client.infrastructure.Serializer
import todomate.client.models.Problem
import todomate.client.models.VisibilityLevel

/** Gson leaves out what is null. */
internal fun configure() = Unit

internal fun readProblem(body: String): Problem =
    Serializer.gson.fromJson(body, Problem::class.java)

/** Gson reads null for an unknown value, even if the type does not allow it. */
internal fun isUnknown(value: VisibilityLevel?) = value == null
