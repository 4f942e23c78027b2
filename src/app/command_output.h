#pragma once
// What commands print, for people or for programs.

#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "json/value.h"

namespace vestibule::app {

/// Prints the value: indented JSON with `json`, else `key: value` lines, nested objects indented.
void printValue(const json::Value& value, bool json);

/// Prints rows: an array with `json`, else a table of the named members.
void printTable(const std::vector<json::Object>& rows, const std::vector<std::string>& columns,
                bool json);

/// Prints what saving settings came to: with `json` the settings in force, else a line with their
/// name and version.
void printApplied(const json::Object& settings, bool created, Version version, bool json);

/// Prints the error on standard error and returns the exit status 1.
int printFailure(const Error& error);

}  // namespace vestibule::app
