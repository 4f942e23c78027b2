#include "app/toml_document.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "app/operator_error.h"
#include "app/resources.h"
#include "base/unicode.h"
#include "json/parse.h"

namespace vestibule::app {
namespace {

json::Value convert(const toml::node& node);

json::Value convertArray(const toml::array& array) {
  json::Array values;
  for (const auto& element : array) values.push_back(convert(element));
  return values;
}

json::Value convertTable(const toml::table& table) {
  json::Object object;
  for (const auto& [key, value] : table) object.set(key.str(), convert(value));
  return object;
}

json::Value convert(const toml::node& node) {
  if (const auto* table = node.as_table()) return convertTable(*table);
  if (const auto* array = node.as_array()) return convertArray(*array);
  if (const auto* text = node.as_string()) return json::Value(text->get());
  if (const auto* number = node.as_integer()) return json::Value(number->get());
  if (const auto* number = node.as_floating_point()) return json::Value(number->get());
  if (const auto* boolean = node.as_boolean()) return json::Value(boolean->get());
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  return json::Value(text.str());
}

/// `:line:column`, as editors take it; columns are characters. Empty for an offset outside.
std::string placeOf(std::string_view text, std::size_t offset) {
  if (offset > text.size()) return "";
  text = text.substr(0, offset);
  const auto line = 1 + std::count(text.begin(), text.end(), '\n');
  const auto column = 1 + codePointCount(text.substr(text.rfind('\n') + 1));
  return ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace

Result<json::Value> readDocument(const std::filesystem::path& path) {
  auto content = readFile(path);
  if (!content) return propagate(content);
  if (path.extension() != ".toml") {
    std::size_t refused_at = std::string::npos;
    auto value = json::parse(*content, {}, &refused_at);
    if (value) return value;
    return operatorFailure(ErrorKind::kInvalidValue, path.string() + placeOf(*content, refused_at) +
                                                         ": " + value.error().detail);
  }
  try {
    return convertTable(toml::parse(*content, path.string()));
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    return operatorFailure(ErrorKind::kInvalidValue, path.string() + ":" +
                                                         std::to_string(begin.line) + ":" +
                                                         std::to_string(begin.column) + ": " +
                                                         std::string(error.description()));
  }
}

}  // namespace vestibule::app
