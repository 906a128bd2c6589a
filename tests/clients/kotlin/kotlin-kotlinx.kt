package todomate.client.scenario

import todomate.client.infrastructure.Serializer
import todomate.client.models.Problem
import todomate.client.models.VisibilityLevel

/** Leave out what is null. By default it is sent, and an update clears all that was not set. */
internal fun configure() {
    Serializer.kotlinxSerializationJsonConfiguration = { explicitNulls = false }
}

internal fun readProblem(body: String): Problem =
    Serializer.kotlinxSerializationJson.decodeFromString(Problem.serializer(), body)

internal fun isUnknown(value: VisibilityLevel?) = value == VisibilityLevel.unknown_default_open_api
