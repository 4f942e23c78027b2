#include "directory/list_cursor.h"

#include <type_traits>

#include "base/crypto.h"
#include "base/encoding.h"

namespace vestibule::directory {
namespace {

constexpr std::uint8_t kFormat = 1;
/// The longest sort key, a name of 255 characters folded and as it is, and what stands beside it,
/// in base64.
constexpr std::size_t kLongestText = 4'096;

template <typename Number>
void put(std::string& out, Number number) {
  auto bits = static_cast<std::make_unsigned_t<Number>>(number);
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    out += static_cast<char>(bits >> (8 * (sizeof(Number) - 1 - i)) & 0xFF);
  }
}

/// Reads what `put` wrote. After the end everything is 0, and `complete` false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
  Number take() {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      if (bytes_.empty()) {
        complete_ = false;
        return 0;
      }
      bits = bits << 8 | static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
    }
    return static_cast<Number>(bits);
  }
  [[nodiscard]] std::string_view rest() const { return bytes_; }
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  std::string_view bytes_;
  bool complete_ = true;
};

tl::unexpected<Error> invalidCursor() {
  return failure(ErrorKind::kInvalidCursor,
                 "the cursor is none of this query: begin again with an empty one", "cursor");
}

}  // namespace

std::string CursorSeal::seal(const ListCursor& cursor, std::string_view query,
                             Timestamp now) const {
  std::string plain;
  put(plain, kFormat);
  put(plain, Timestamp{now + std::chrono::microseconds(lifetime_).count()});
  put(plain, cursor.count);
  put(plain, static_cast<std::uint8_t>(cursor.total ? 1 : 0));
  put(plain, cursor.total.value_or(0));
  put(plain, static_cast<std::uint8_t>(cursor.place.kind));
  put(plain, cursor.place.domain.value());
  put(plain, static_cast<std::uint8_t>(cursor.place.position.absent ? 1 : 0));
  put(plain, cursor.place.position.seq);
  plain += cursor.place.position.key;
  return toBase64Url(vestibule::seal(key_.exposeSecret(), plain, query));
}

Result<ListCursor> CursorSeal::open(std::string_view text, std::string_view query,
                                    Timestamp now) const {
  if (text.size() > kLongestText) return invalidCursor();
  const auto sealed = fromBase64(text);
  if (!sealed) return invalidCursor();
  const auto plain = unseal(key_.exposeSecret(), *sealed, query);
  if (!plain) return invalidCursor();
  Reader reader(*plain);
  if (reader.take<std::uint8_t>() != kFormat) return invalidCursor();
  const auto expires = reader.take<Timestamp>();
  ListCursor cursor;
  cursor.count = reader.take<std::uint64_t>();
  const bool has_total = reader.take<std::uint8_t>() != 0;
  const auto total = reader.take<std::uint64_t>();
  if (has_total) cursor.total = total;
  cursor.place.kind = static_cast<ResourceKind>(reader.take<std::uint8_t>());
  cursor.place.domain = DomainNumber(reader.take<std::uint16_t>());
  cursor.place.position.absent = reader.take<std::uint8_t>() != 0;
  cursor.place.position.seq = reader.take<std::uint64_t>();
  cursor.place.position.key = reader.rest();
  if (!reader.complete()) return invalidCursor();
  if (now >= expires) {
    return failure(ErrorKind::kExpiredCursor,
                   "the cursor is too old: begin again with an empty one", "cursor");
  }
  return cursor;
}

}  // namespace vestibule::directory
