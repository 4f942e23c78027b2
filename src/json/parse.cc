#include "json/parse.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
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

/// The keys of one object so far.
class SeenKeys {
 public:
  /// True when no key equal to this one after case folding came before. `members` holds the earlier
  /// ones.
  bool add(std::string_view key, const std::vector<Member>& members) {
    if (folded_.empty()) {
      if (members.size() < kFewMembers && isAscii(key)) {
        return std::none_of(members.begin(), members.end(), [&](const Member& member) {
          return equalIgnoringAsciiCase(member.key, key);
        });
      }
      for (const Member& member : members) folded_.insert(foldCase(member.key));
    }
    // A tree, not a hash table: nobody can choose keys that make it slow.
    return folded_.insert(foldCase(key)).second;
  }

 private:
  std::set<std::string> folded_;
};

/// An array or object that is still open.
struct Frame {
  bool is_object = false;
  Array array;
  Object object;
  SeenKeys keys;
};

/// Takes the events of RapidJSON's reader, enforces the limits and builds the value.
class Builder {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

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
    auto& members = frame.object.members();
    if (members.size() >= limits_.members) {
      return exceed("an object has more than " + std::to_string(limits_.members) + " members");
    }
    if (!frame.keys.add(key, members)) {
      return refuse("two members of one object have the same name; case makes no difference");
    }
    members.push_back(Member{std::string(key), Value()});
    return true;
  }
  bool StartObject() { return open(true); }
  bool StartArray() { return open(false); }
  bool EndObject(rapidjson::SizeType) {
    Value value(std::move(open_.back().object));
    return close(std::move(value));
  }
  bool EndArray(rapidjson::SizeType) {
    Value value(std::move(open_.back().array));
    return close(std::move(value));
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

  /// Escapes can bring in what the raw bytes cannot hold.
  bool isAcceptable(std::string_view decoded) {
    if (decoded.find('\0') != std::string_view::npos) return refuse("U+0000 is not allowed");
    if (!isValidUtf8(decoded)) return refuse("a surrogate stands alone");
    return true;
  }

  bool count() {
    if (++elements_ <= limits_.elements) return true;
    return exceed("the document has more than " + std::to_string(limits_.elements) + " values");
  }

  bool open(bool is_object) {
    if (open_.size() >= limits_.depth) {
      return exceed("arrays and objects are nested more than " + std::to_string(limits_.depth) +
                    " deep");
    }
    if (!count()) return false;
    open_.emplace_back().is_object = is_object;
    return true;
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
    } else if (Frame& frame = open_.back(); frame.is_object) {
      frame.object.members().back().value = std::move(value);
    } else {
      frame.array.push_back(std::move(value));
    }
  }

  const Limits& limits_;
  std::vector<Frame> open_;
  Value root_;
  std::size_t elements_ = 0;
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
  Builder builder(limits);
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
