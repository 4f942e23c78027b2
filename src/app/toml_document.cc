#include "app/toml_document.h"

#include <toml++/toml.h>

#include <sstream>

#include "app/operator_error.h"
#include "app/resources.h"
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

}  // namespace

Result<json::Value> readDocument(const std::filesystem::path& path) {
  auto content = readFile(path);
  if (!content) return propagate(content);
  if (path.extension() != ".toml") {
    auto value = json::parse(*content);
    if (value) return value;
    return operatorFailure(ErrorKind::kInvalidValue, path.string() + ": " + value.error().detail);
  }
  try {
    return convertTable(toml::parse(*content, path.string()));
  } catch (const toml::parse_error& error) {
    return operatorFailure(ErrorKind::kInvalidValue, path.string() + ":" +
                                                         std::to_string(error.source().begin.line) +
                                                         ": " + std::string(error.description()));
  }
}

}  // namespace vestibule::app
