#include "jit/claims.h"

#include <algorithm>

#include "base/blanks.h"
#include "base/unicode.h"

namespace vestibule::jit {
namespace {

constexpr std::size_t kMaxName = 255;

/// Appends what is not blank of the value, lists flattened. Depth is that of the parsed document.
void collect(const json::Value& value, std::vector<const json::Value*>& values) {
  if (const json::Array* array = value.array()) {
    for (const json::Value& element : *array) collect(element, values);
    return;
  }
  if (value.isNull()) return;
  if (const std::string* text = value.string(); text != nullptr && trimmed(*text).empty()) return;
  if (const json::Object* object = value.object(); object != nullptr && object->empty()) return;
  values.push_back(&value);
}

/// Follows names joined by dots. False when they lead nowhere.
bool follow(const json::Value& node, std::string_view path,
            std::vector<const json::Value*>& values) {
  if (const json::Array* array = node.array()) {
    bool found = false;
    for (const json::Value& element : *array) found = follow(element, path, values) || found;
    return found;
  }
  const json::Object* object = node.object();
  if (object == nullptr) return false;
  if (const json::Value* exact = object->find(path)) {
    collect(*exact, values);
    return true;
  }
  for (std::size_t dot = path.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const json::Value* child = object->find(path.substr(0, dot));
    if (child != nullptr && follow(*child, path.substr(dot + 1), values)) return true;
  }
  return false;
}

/// The element that a pointer's segment names (RFC 6901 §4), or null.
const json::Value* elementAt(const json::Array& array, std::string_view segment) {
  const bool canonical = segment == "0" || (!segment.empty() && segment.front() != '0');
  if (!canonical || segment.size() > 6 ||
      segment.find_first_not_of("0123456789") != std::string_view::npos) {
    return nullptr;
  }
  const std::size_t index = std::stoul(std::string(segment));
  return index < array.size() ? &array[index] : nullptr;
}

const json::Value* resolve(const json::Object& claims, const std::vector<std::string>& pointer) {
  const json::Value* node = claims.find(pointer.front());
  for (auto segment = pointer.begin() + 1; node != nullptr && segment != pointer.end(); ++segment) {
    if (const json::Array* array = node->array()) {
      node = elementAt(*array, *segment);
    } else {
      node = node->find(*segment);
    }
  }
  return node;
}

/// The segments of a pointer that begins with `/`; nothing when an escape is bad.
std::optional<std::vector<std::string>> readPointer(std::string_view text) {
  std::vector<std::string> segments;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      segments.emplace_back();
    } else if (text[i] != '~') {
      segments.back() += text[i];
    } else {
      ++i;
      if (i == text.size() || (text[i] != '0' && text[i] != '1')) return std::nullopt;
      segments.back() += text[i] == '0' ? '~' : '/';
    }
  }
  return segments;
}

}  // namespace

Result<ClaimPath> ClaimPath::compile(std::string_view text) {
  if (text.empty()) return failure(ErrorKind::kInvalidValue, "the name of a claim is empty");
  if (text.size() > kMaxName) {
    return failure(ErrorKind::kInvalidValue, "the name of a claim is longer than 255 bytes");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (!isValidUtf8(text) || std::any_of(text.begin(), text.end(), is_control)) {
    return failure(ErrorKind::kInvalidValue, "the name of a claim has a control character");
  }
  ClaimPath path;
  path.text_ = std::string(text);
  if (text.front() == '/') {
    auto pointer = readPointer(text);
    if (!pointer) {
      return failure(ErrorKind::kInvalidValue,
                     "'" + path.text_ + "' is no JSON pointer: '~' must be written ~0, '/' ~1");
    }
    path.pointer_ = std::move(*pointer);
  }
  return path;
}

ClaimValues ClaimPath::find(const json::Object& claims) const {
  ClaimValues found;
  if (const json::Value* exact = claims.find(text_)) {
    found.present = true;
    collect(*exact, found.values);
  } else if (!pointer_.empty()) {
    const json::Value* value = resolve(claims, pointer_);
    found.present = value != nullptr;
    if (value != nullptr) collect(*value, found.values);
  } else {
    for (std::size_t dot = text_.rfind('.'); dot != std::string::npos && dot > 0 && !found.present;
         dot = text_.rfind('.', dot - 1)) {
      const std::string_view path = text_;
      const json::Value* child = claims.find(path.substr(0, dot));
      found.present = child != nullptr && follow(*child, path.substr(dot + 1), found.values);
    }
  }
  if (!found.present) {
    const json::Value* names = claims.find("_claim_names");
    const json::Object* distributed = names == nullptr ? nullptr : names->object();
    found.elsewhere = distributed != nullptr &&
                      std::any_of(distributed->begin(), distributed->end(),
                                  [this](const json::Member& member) { return reads(member.key); });
  }
  return found;
}

bool ClaimPath::reads(std::string_view member) const {
  if (text_ == member) return true;
  if (!pointer_.empty()) return pointer_.front() == member;
  return text_.size() > member.size() && text_[member.size()] == '.' &&
         std::string_view(text_).substr(0, member.size()) == member;
}

std::optional<std::string> claimText(const json::Value& value) {
  if (const std::string* text = value.string()) return *text;
  if (const json::Number* number = value.number()) return number->text;
  if (const bool* boolean = value.boolean()) return *boolean ? "true" : "false";
  return std::nullopt;
}

}  // namespace vestibule::jit
