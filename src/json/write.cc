#include "json/write.h"

#include <cstdint>
#include <vector>

namespace vestibule::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The length of the well-formed UTF-8 sequence at the front of `text` (which starts with a byte
/// above 0x7F), or 0.
std::size_t sequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint8_t {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const std::uint8_t lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return !overlong && !surrogate && continues(1) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
    return !overlong && !beyond && continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void appendControl(std::string& out, std::uint8_t byte) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (byte) {
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0x0FU];
  }
}

/// An array or object of which some children are written.
struct Level {
  const Array* array;
  const Object* object;
  std::size_t next;

  std::size_t size() const { return array != nullptr ? array->size() : object->size(); }
};

/// Writes without recursion, so that no value, however deep, can exhaust the stack.
class Writer {
 public:
  Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

  void write(const Value& root) {
    begin(root);
    while (!open_.empty()) {
      Level& level = open_.back();
      if (level.next == level.size()) {
        const bool is_array = level.array != nullptr;
        const bool had_children = level.next != 0;
        open_.pop_back();
        if (had_children) newLine();
        out_ += is_array ? ']' : '}';
        continue;
      }
      if (level.next != 0) out_ += ',';
      newLine();
      const std::size_t index = level.next++;
      if (level.array != nullptr) {
        begin((*level.array)[index]);
      } else {
        const Member& member = level.object->members()[index];
        appendString(out_, member.key);
        out_ += pretty_ ? ": " : ":";
        begin(member.value);
      }
    }
  }

 private:
  /// Writes a scalar in full and the opening bracket of anything else.
  void begin(const Value& value) {
    if (const auto* text = value.string()) {
      appendString(out_, *text);
    } else if (const auto* number = value.number()) {
      out_ += number->text;
    } else if (const auto* flag = value.boolean()) {
      out_ += *flag ? "true" : "false";
    } else if (const auto* array = value.array()) {
      out_ += '[';
      open_.push_back({array, nullptr, 0});
    } else if (const auto* object = value.object()) {
      out_ += '{';
      open_.push_back({nullptr, object, 0});
    } else {
      out_ += "null";
    }
  }

  void newLine() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(open_.size() * 2, ' ');
  }

  std::string& out_;
  const bool pretty_;
  std::vector<Level> open_;
};

}  // namespace

std::string write(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

void append(std::string& out, const Value& value) { Writer(out, false).write(value); }

void appendString(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0;
  std::size_t at = 0;
  const auto copyTo = [&](std::size_t end) { out.append(text, copied, end - copied); };
  while (at < text.size()) {
    const auto byte = static_cast<std::uint8_t>(text[at]);
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
      ++at;
      continue;
    }
    if (byte >= 0x80) {
      if (const std::size_t length = sequenceLength(text.substr(at)); length != 0) {
        at += length;
        continue;
      }
    }
    copyTo(at);
    if (byte >= 0x80) {
      out += kReplacement;
    } else if (byte < 0x20) {
      appendControl(out, byte);
    } else {
      out += '\\';
      out += static_cast<char>(byte);
    }
    copied = ++at;
  }
  copyTo(text.size());
  out += '"';
}

std::string writePretty(const Value& value) {
  std::string out;
  Writer(out, true).write(value);
  return out;
}

}  // namespace vestibule::json
