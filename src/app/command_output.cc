#include "app/command_output.h"

#include <algorithm>
#include <cstdio>

#include "app/operator_error.h"
#include "base/unicode.h"
#include "json/write.h"

namespace vestibule::app {
namespace {

std::string plain(const json::Value& value) {
  if (const auto* text = value.string()) return *text;
  if (value.isNull()) return "-";
  if (const auto* array = value.array()) {
    std::string joined;
    for (const auto& element : *array) joined += (joined.empty() ? "" : ", ") + plain(element);
    return joined.empty() ? "-" : joined;
  }
  return json::write(value);
}

void printObject(const json::Object& object, int indent) {
  for (const auto& [key, value] : object) {
    if (const auto* nested = value.object()) {
      std::printf("%*s%s:\n", indent, "", key.c_str());
      printObject(*nested, indent + 2);
    } else {
      std::printf("%*s%s: %s\n", indent, "", key.c_str(), plain(value).c_str());
    }
  }
}

}  // namespace

void printValue(const json::Value& value, bool json) {
  if (json || !value.isObject()) {
    std::printf("%s\n", json::writePretty(value).c_str());
  } else {
    printObject(*value.object(), 0);
  }
}

void printTable(const std::vector<json::Object>& rows, const std::vector<std::string>& columns,
                bool json) {
  if (json) {
    json::Array array;
    for (const auto& row : rows) array.emplace_back(row);
    std::printf("%s\n", json::writePretty(array).c_str());
    return;
  }
  std::vector<std::vector<std::string>> cells{columns};
  for (const auto& row : rows) {
    auto& line = cells.emplace_back();
    for (const auto& column : columns) {
      const auto* value = row.find(column);
      line.push_back(value != nullptr ? plain(*value) : "-");
    }
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], codePointCount(line[i]));
    }
  }
  for (const auto& line : cells) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text.append(widths[i] - codePointCount(line[i]) + 2, ' ');
    }
    std::printf("%s\n", text.c_str());
  }
}

void printApplied(const json::Object& settings, bool created, Version version, bool json) {
  if (json) {
    printValue(settings, true);
    return;
  }
  std::printf("%s: %s, version %llu\n", settings.find("name")->string()->c_str(),
              created ? "created" : "settings applied",
              static_cast<unsigned long long>(version.value()));
}

int printFailure(const Error& error) {
  std::string text = operatorText(error);
  if (!error.attribute.empty() && text.find(error.attribute) == std::string::npos) {
    text = error.attribute + ": " + text;
  }
  if (!error.code.empty()) text += " (" + error.code + ")";
  static_cast<void>(std::fprintf(stderr, "vestibule: %s\n", text.c_str()));
  return 1;
}

}  // namespace vestibule::app
