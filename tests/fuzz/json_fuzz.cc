// JSON: whatever is read can be written, and what is written reads the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/unicode.h"
#include "fuzz/invariant.h"
#include "json/parse.h"
#include "json/write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vestibule::fuzz::require;
  namespace json = vestibule::json;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const vestibule::Result<json::Value> value = json::parse(text);
  if (!value) {
    require(!value.error().detail.empty(), "an error says what is wrong");
    return 0;
  }
  const std::string written = json::write(*value);
  require(vestibule::isValidUtf8(written), "output is UTF-8", written);
  const vestibule::Result<json::Value> again = json::parse(written);
  require(again.has_value() && *again == *value, "parse(write(x)) is x", written);
  const vestibule::Result<json::Value> pretty = json::parse(json::writePretty(*value));
  require(pretty.has_value() && *pretty == *value, "parse(writePretty(x)) is x", written);
  return 0;
}
