// Cursors: a text of a client opens only when this service has sealed it, and what has been sealed,
// whatever it is, is read to the end or refused.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/crypto.h"
#include "base/encoding.h"
#include "directory/list_cursor.h"
#include "fuzz/invariant.h"

namespace vestibule::directory {
namespace {

using fuzz::require;

constexpr Timestamp kNow = 1'700'000'000'000'000;
constexpr const char* kQuery = "users of CORP";

const std::string& key() {
  static const std::string text(32, 'k');
  return text;
}

const CursorSeal& cursors() {
  static const CursorSeal seal(Secret(key()), std::chrono::seconds(60));
  return seal;
}

bool isCursorError(const Error& error) {
  return error.kind == ErrorKind::kInvalidCursor || error.kind == ErrorKind::kExpiredCursor;
}

void openRaw(const std::string& text) {
  const auto opened = cursors().open(text, kQuery, kNow);
  require(!opened && isCursorError(opened.error()), "nobody can make a cursor", text);
}

void openSealed(const std::string& plain) {
  const std::string text = toBase64Url(seal(key(), plain, kQuery));
  const auto opened = cursors().open(text, kQuery, kNow);
  if (!opened) {
    require(isCursorError(opened.error()), "errors are those of cursors");
    return;
  }
  require(!cursors().open(text, "another query", kNow), "a cursor is good for its query only");
  const auto again = cursors().open(cursors().seal(*opened, kQuery, kNow), kQuery, kNow);
  require(again.has_value(), "what was opened can be sealed");
  require(again->count == opened->count && again->total == opened->total &&
              again->place.kind == opened->place.kind &&
              again->place.domain == opened->place.domain &&
              again->place.position == opened->place.position,
          "a cursor survives being sealed");
}

}  // namespace
}  // namespace vestibule::directory

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  vestibule::directory::openRaw(text);
  vestibule::directory::openSealed(text);
  return 0;
}
