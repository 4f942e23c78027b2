#include "json/parse.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/unicode.h"

namespace vestibule::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// RapidJSON counts in 32 bits.
constexpr std::size_t kMaxTextSize = 0x7FFF'FFFF;
// Up to so many ASCII keys are compared one by one, which is faster than keeping a set of them.
constexpr std::size_t kFewMembers = 16;
// Shorter and without exponent, a number is always in the range of a double.
constexpr std::size_t kPlainNumberSize = 300;

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The keys of an object that has many members, or some that are not ASCII.
using FoldedKeys = std::set<std::string>;

/// An array or object that is still open. Its children are the last ones of the builder's.
struct Frame {
  bool is_object = false;
  std::size_t first = 0;             ///< the first child, of the builder's members or elements
  std::unique_ptr<FoldedKeys> keys;  ///< null as long as the members are compared one by one
};

/// Takes the events of RapidJSON's reader, enforces the limits and builds the value. Children wait
/// in one place until their parent closes and is made in its exact size.
class Builder {
 public:
  /// `has_escapes`: there may be strings in the text that are not what they look like.
  Builder(const Limits& limits, bool has_escapes) : limits_(limits), has_escapes_(has_escapes) {}

  // NOLINTBEGIN(readability-identifier-naming): RapidJSON gives the names.
  bool Null() { return add(Value()); }
  bool Bool(bool flag) { return add(Value(flag)); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    Number number{std::string(text, size)};
    const bool may_overflow =
        size >= kPlainNumberSize || number.text.find_first_of("eE") != std::string::npos;
    if (may_overflow && !number.asDouble()) return refuse("a number is out of range");
    return add(Value(std::move(number)));
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view view(text, size);
    return isAcceptable(view) && add(Value(view));
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view key(text, size);
    if (!isAcceptable(key)) return false;
    Frame& frame = open_.back();
    if (members_.size() - frame.first >= limits_.members) {
      return exceed("an object has more than " + std::to_string(limits_.members) + " members");
    }
    if (!isNew(key, frame)) {
      return refuse("two members of one object have the same name; case makes no difference");
    }
    members_.push_back(Member{std::string(key), Value()});
    return true;
  }
  bool StartObject() { return open(true); }
  bool StartArray() { return open(false); }
  bool EndObject(rapidjson::SizeType) {
    Object object;
    takeChildren(members_, object.members());
    return close(Value(std::move(object)));
  }
  bool EndArray(rapidjson::SizeType) {
    Array array;
    takeChildren(elements_, array);
    return close(Value(std::move(array)));
  }
  // With kParseNumbersAsStringsFlag the reader never calls these; its template asks for them all
  // the same.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  // NOLINTEND(readability-identifier-naming)

  Value takeRoot() { return std::move(root_); }
  /// Why an event was not taken; empty when RapidJSON itself refused the text.
  const std::string& reason() const { return reason_; }
  ErrorKind kind() const { return kind_; }

 private:
  bool refuse(std::string reason) {
    reason_ = std::move(reason);
    kind_ = ErrorKind::kInvalidSyntax;
    return false;
  }
  bool exceed(std::string reason) {
    reason_ = std::move(reason);
    kind_ = ErrorKind::kPayloadTooLarge;
    return false;
  }

  /// Escapes can bring in what the raw bytes, which were looked at, cannot hold.
  bool isAcceptable(std::string_view decoded) {
    if (!has_escapes_) return true;
    if (decoded.find('\0') != std::string_view::npos) return refuse("U+0000 is not allowed");
    if (!isValidUtf8(decoded)) return refuse("a surrogate stands alone");
    return true;
  }

  /// True when no member of the open object has a name that is equal after case folding.
  bool isNew(std::string_view key, Frame& frame) const {
    const auto first = members_.begin() + static_cast<std::ptrdiff_t>(frame.first);
    if (frame.keys == nullptr) {
      const auto count = static_cast<std::size_t>(members_.end() - first);
      if (count < kFewMembers && isAscii(key)) {
        return std::none_of(first, members_.end(), [&](const Member& member) {
          return equalIgnoringAsciiCase(member.key, key);
        });
      }
      // A tree, not a hash table: nobody can choose keys that make it slow.
      frame.keys = std::make_unique<FoldedKeys>();
      for (auto at = first; at != members_.end(); ++at) frame.keys->insert(foldCase(at->key));
    }
    return frame.keys->insert(foldCase(key)).second;
  }

  bool count() {
    if (++count_ <= limits_.elements) return true;
    return exceed("the document has more than " + std::to_string(limits_.elements) + " values");
  }

  bool open(bool is_object) {
    if (open_.size() >= limits_.depth) {
      return exceed("arrays and objects are nested more than " + std::to_string(limits_.depth) +
                    " deep");
    }
    if (!count()) return false;
    open_.push_back({is_object, is_object ? members_.size() : elements_.size(), nullptr});
    return true;
  }

  template <typename Child>
  void takeChildren(std::vector<Child>& waiting, std::vector<Child>& into) {
    const auto first = waiting.begin() + static_cast<std::ptrdiff_t>(open_.back().first);
    into.assign(std::make_move_iterator(first), std::make_move_iterator(waiting.end()));
    waiting.erase(first, waiting.end());
  }

  bool close(Value value) {
    open_.pop_back();
    place(std::move(value));
    return true;
  }

  bool add(Value value) {
    if (!count()) return false;
    place(std::move(value));
    return true;
  }

  void place(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      members_.back().value = std::move(value);
    } else {
      elements_.push_back(std::move(value));
    }
  }

  const Limits& limits_;
  const bool has_escapes_;
  std::vector<Frame> open_;
  std::vector<Member> members_;
  std::vector<Value> elements_;
  Value root_;
  std::size_t count_ = 0;
  std::string reason_;
  ErrorKind kind_ = ErrorKind::kInvalidSyntax;
};

tl::unexpected<Error> refuseAt(std::size_t offset, std::string_view reason,
                               ErrorKind kind = ErrorKind::kInvalidSyntax) {
  return failure(kind, "JSON, at byte " + std::to_string(offset) + ": " + std::string(reason));
}

}  // namespace

Result<Value> parse(std::string_view text, const Limits& limits, std::size_t* refused_at) {
  const auto refuse = [&](std::size_t offset, std::string_view reason,
                          ErrorKind kind = ErrorKind::kInvalidSyntax) {
    if (refused_at != nullptr) *refused_at = offset;
    return refuseAt(offset, reason, kind);
  };
  if (text.size() > kMaxTextSize) {
    return refuse(kMaxTextSize, "the text is too long", ErrorKind::kPayloadTooLarge);
  }
  if (text.starts_with(kByteOrderMark)) return refuse(0, "a byte order mark is not allowed");
  // The reader takes a NUL for the end of the text and would not look at what stands behind it.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return refuse(nul, "U+0000 is not allowed");
  }
  // One fast pass here, instead of kParseValidateEncodingFlag, which doubles the time of parsing.
  if (!isValidUtf8(text)) {
    return failure(ErrorKind::kInvalidSyntax, "JSON: the text is not valid UTF-8");
  }

  // Numbers as strings: nothing is rounded, and the packaged reader's conversion can be made to
  // read beyond its table of powers (CVE-2024-38517). Iterative: its recursion would follow the
  // nesting of the text.
  constexpr unsigned kFlags =
      rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Builder builder(limits, text.find('\\') != std::string_view::npos);
  const rapidjson::ParseResult outcome = reader.Parse<kFlags>(stream, builder);
  if (outcome.IsError()) {
    if (!builder.reason().empty()) {
      return refuse(outcome.Offset(), builder.reason(), builder.kind());
    }
    return refuse(outcome.Offset(), rapidjson::GetParseError_En(outcome.Code()));
  }
  return builder.takeRoot();
}

}  // namespace vestibule::json
