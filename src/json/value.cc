#include "json/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/unicode.h"

namespace vestibule::json {
namespace {

template <typename Integer>
std::string integerText(Integer number) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

/// True when a non-zero number in JSON notation lies beyond one: told by the place of its first
/// digit that is not zero.
bool isLarge(std::string_view text) {
  constexpr std::int64_t kFar = 1'000'000'000'000;
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto exponent_at = text.find_first_of("eE");
  const auto mantissa = text.substr(0, exponent_at);
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  const auto first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);

  std::int64_t exponent = 0;
  if (exponent_at != std::string_view::npos) {
    auto digits = text.substr(exponent_at + 1);
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    const auto status = std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec;
    if (status == std::errc::result_out_of_range) exponent = kFar;
    if (negative) exponent = -exponent;
  }
  return place + std::clamp(exponent, -kFar, kFar) > 0;
}

template <typename Members>
auto* findExactly(Members& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

template <typename Members>
auto* findFolded(Members& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& member) {
    return equalIgnoringAsciiCase(member.key, key);
  });
  return found == members.end() ? nullptr : &found->value;
}

}  // namespace

std::optional<std::int64_t> Number::asInt64() const {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<double> Number::asDouble() const {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value);
  if (stop != end) return std::nullopt;
  if (status == std::errc::result_out_of_range) {
    if (isLarge(text)) return std::nullopt;
    return text.starts_with('-') ? -0.0 : 0.0;
  }
  if (status != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

Object::Object() = default;
Object::Object(std::initializer_list<Member> members) : members_(members) {}
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

const Value* Object::find(std::string_view key) const { return findExactly(members_, key); }
Value* Object::find(std::string_view key) { return findExactly(members_, key); }
const Value* Object::findIgnoringCase(std::string_view key) const {
  return findFolded(members_, key);
}
Value* Object::findIgnoringCase(std::string_view key) { return findFolded(members_, key); }

Value& Object::set(std::string_view key, Value value) {
  if (Value* const present = find(key)) {
    *present = std::move(value);
    return *present;
  }
  members_.push_back(Member{std::string(key), std::move(value)});
  return members_.back().value;
}

bool Object::erase(std::string_view key) {
  return std::erase_if(members_, [&](const Member& member) { return member.key == key; }) != 0;
}

bool Object::empty() const { return members_.empty(); }
std::size_t Object::size() const { return members_.size(); }
std::vector<Member>::const_iterator Object::begin() const { return members_.begin(); }
std::vector<Member>::const_iterator Object::end() const { return members_.end(); }
std::vector<Member>::iterator Object::begin() { return members_.begin(); }
std::vector<Member>::iterator Object::end() { return members_.end(); }
// Written out: clang 14 crashes on a defaulted one here.
bool Object::operator==(const Object& other) const { return members_ == other.members_; }

Value::Value(int number) : data_(Number{integerText(number)}) {}
Value::Value(unsigned number) : data_(Number{integerText(number)}) {}
Value::Value(std::int64_t number) : data_(Number{integerText(number)}) {}
Value::Value(std::uint64_t number) : data_(Number{integerText(number)}) {}

Value::Value(double number) {
  if (!std::isfinite(number)) return;
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  data_ = Number{std::string(buffer.data(), end)};
}

const Value* Value::find(std::string_view key) const {
  const Object* const members = object();
  return members == nullptr ? nullptr : members->find(key);
}

std::optional<std::string_view> Value::stringAt(std::string_view key) const {
  const Value* const value = find(key);
  const std::string* const text = value == nullptr ? nullptr : value->string();
  if (text == nullptr) return std::nullopt;
  return *text;
}

std::optional<bool> Value::boolAt(std::string_view key) const {
  const Value* const value = find(key);
  const bool* const flag = value == nullptr ? nullptr : value->boolean();
  if (flag == nullptr) return std::nullopt;
  return *flag;
}

std::string_view Value::typeName() const {
  static constexpr std::array<std::string_view, 6> kNames = {"null",   "boolean", "number",
                                                             "string", "array",   "object"};
  return kNames[data_.index()];
}

}  // namespace vestibule::json
