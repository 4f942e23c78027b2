#include "directory/stored_document.h"

#include "base/log.h"
#include "json/parse.h"

namespace vestibule::directory {

Result<json::Object> parseStored(std::string_view document) {
  auto value = json::parse(document);
  if (!value || !value->isObject()) {
    return internalFailure("a stored document is not a JSON object");
  }
  return std::move(*value->object());
}

void logDropped(const std::vector<std::string>& dropped) {
  if (dropped.empty()) return;
  std::string names;
  for (const auto& name : dropped) {
    if (names.size() > 200) break;
    if (!names.empty()) names += ", ";
    names += printable(name, 60);
  }
  logEvent(events::kAttributesIgnored, {{"attributes", names}});
}

}  // namespace vestibule::directory
