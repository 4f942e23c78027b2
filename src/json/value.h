#pragma once
// A JSON document in memory: plain values, copied and compared like any other. Objects keep the
// order of their members; numbers keep the text they were written with, so that nothing is rounded
// on the way through.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace vestibule::json {

/// A number by its JSON text: `18446744073709551615` and `1.10` stay what they are.
struct Number {
  /// The text, which must follow the grammar of RFC 8259 §6: it is written as it stands.
  std::string text = "0";

  /// The value when the text is an integer (no fraction, no exponent) that fits, else nothing.
  [[nodiscard]] std::optional<std::int64_t> asInt64() const;
  /// The nearest double (zero for what is too small to tell from it); nothing when it would not be
  /// finite.
  [[nodiscard]] std::optional<double> asDouble() const;
  bool operator==(const Number&) const = default;
};

class Value;
struct Member;
using Array = std::vector<Value>;

/// The members of an object in order. Keys are unique when the object came from `parse`.
class Object {
 public:
  Object();
  Object(std::initializer_list<Member> members);
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  /// The member of exactly this name, or null. O(members).
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  /// The member of this name in any ASCII case, or null: names of SCIM attributes have no case (RFC
  /// 7643 §2.1).
  [[nodiscard]] const Value* findIgnoringCase(std::string_view key) const;
  [[nodiscard]] Value* findIgnoringCase(std::string_view key);
  /// Replaces the value of the member with exactly this name, or appends the member. Returns the
  /// value in place.
  Value& set(std::string_view key, Value value);
  /// Removes the member with exactly this name. False when there was none.
  bool erase(std::string_view key);

  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::vector<Member>& members() { return members_; }
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  [[nodiscard]] std::vector<Member>::const_iterator begin() const;
  [[nodiscard]] std::vector<Member>::const_iterator end() const;
  [[nodiscard]] std::vector<Member>::iterator begin();
  [[nodiscard]] std::vector<Member>::iterator end();
  /// Equal when both hold the same members in the same order.
  bool operator==(const Object&) const;

 private:
  std::vector<Member> members_;
};

/// One JSON value.
class Value {
 public:
  Value() = default;                       ///< null
  Value(std::nullptr_t) {}                 // NOLINT(google-explicit-constructor)
  Value(bool boolean) : data_(boolean) {}  // NOLINT(google-explicit-constructor)
  Value(int number);                       // NOLINT(google-explicit-constructor)
  Value(unsigned number);                  // NOLINT(google-explicit-constructor)
  Value(std::int64_t number);              // NOLINT(google-explicit-constructor)
  Value(std::uint64_t number);             // NOLINT(google-explicit-constructor)
  /// The shortest text that reads back as the same double; null for NaN and infinity, which JSON
  /// lacks.
  Value(double number);                                       // NOLINT(google-explicit-constructor)
  Value(Number number) : data_(std::move(number)) {}          // NOLINT(google-explicit-constructor)
  Value(std::string text) : data_(std::move(text)) {}         // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : data_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* text) : data_(std::string(text)) {}       // NOLINT(google-explicit-constructor)
  Value(Array array) : data_(std::move(array)) {}             // NOLINT(google-explicit-constructor)
  Value(Object object) : data_(std::move(object)) {}          // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool isNull() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] bool isBool() const { return std::holds_alternative<bool>(data_); }
  [[nodiscard]] bool isNumber() const { return std::holds_alternative<Number>(data_); }
  [[nodiscard]] bool isString() const { return std::holds_alternative<std::string>(data_); }
  [[nodiscard]] bool isArray() const { return std::holds_alternative<Array>(data_); }
  [[nodiscard]] bool isObject() const { return std::holds_alternative<Object>(data_); }

  // Each returns null when the value is of another type.
  [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&data_); }
  [[nodiscard]] const Number* number() const { return std::get_if<Number>(&data_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&data_); }
  [[nodiscard]] std::string* string() { return std::get_if<std::string>(&data_); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&data_); }
  [[nodiscard]] Array* array() { return std::get_if<Array>(&data_); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&data_); }
  [[nodiscard]] Object* object() { return std::get_if<Object>(&data_); }

  /// The member of exactly this name when the value is an object that has it, else null.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// The text of the member when it is a string, else nothing.
  [[nodiscard]] std::optional<std::string_view> stringAt(std::string_view key) const;
  /// The member when it is a boolean, else nothing.
  [[nodiscard]] std::optional<bool> boolAt(std::string_view key) const;

  /// "null", "boolean", "number", "string", "array" or "object", for error texts.
  [[nodiscard]] std::string_view typeName() const;

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, Number, std::string, Array, Object> data_;
};

/// One member of an object.
struct Member {
  std::string key;
  Value value;
  bool operator==(const Member&) const = default;
};

}  // namespace vestibule::json
