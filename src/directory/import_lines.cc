#include "directory/import_lines.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "json/write.h"
#include "scim/message.h"

namespace vestibule::directory {

std::string reportLine(std::uint64_t number, const Error& error) {
  json::Object line{{"line", number}};
  if (const auto type = scim::scimType(error.kind); !type.empty()) line.set("scimType", type);
  if (!error.attribute.empty()) line.set("path", error.attribute);
  std::string detail = error.detail;
  if (error.kind == ErrorKind::kInternal) {
    const std::string id = toHex(randomBytes(8));
    logEvent(events::kRequestFailed, {{"error_id", id}, {"reason", error.internal}});
    detail = "internal error; the log has it under correlation id " + id;
  }
  line.set("detail", std::move(detail));
  if (!error.code.empty()) line.set("code", error.code);
  return json::write(line) + "\n";
}

bool isOfLine(const Error& error) {
  return error.kind != ErrorKind::kUnavailable && error.kind != ErrorKind::kInternal;
}

}  // namespace vestibule::directory
