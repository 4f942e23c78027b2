#pragma once
// Reading schema documents: every value is checked, and the first thing wrong is named with its
// file and place.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace vestibule::scim {

/// A place in a schema file: the file and a JSON pointer (RFC 6901).
class Place {
 public:
  explicit Place(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] Place member(std::string_view key) const;
  [[nodiscard]] Place element(std::size_t index) const;
  /// kInvalidValue with the detail "file: pointer: reason".
  [[nodiscard]] Error error(std::string_view reason) const;
  /// The pointer; empty for the whole document.
  [[nodiscard]] const std::string& pointer() const { return pointer_; }

 private:
  std::string file_;
  std::string pointer_;
};

/// Reads the members of one object. After the first failure every read gives an empty value, and
/// `error()` holds that first failure, so that a caller reads all it needs and checks once.
class Fields {
 public:
  /// `object` must outlive this.
  Fields(const json::Object& object, Place place) : object_(object), place_(std::move(place)) {}

  /// Fails when the object has a member that is not listed.
  void allowOnly(std::initializer_list<std::string_view> keys);
  /// A string that must be there and not be empty.
  std::string text(std::string_view key);
  /// A string, or the fallback when it is absent.
  std::string textOr(std::string_view key, std::string_view fallback);
  bool boolean(std::string_view key);
  bool booleanOr(std::string_view key, bool fallback);
  /// An array of non-empty strings; empty when it is absent.
  std::vector<std::string> texts(std::string_view key);
  /// The value that the word stands for, or the fallback when it is absent.
  template <typename Value>
  Value wordOr(std::string_view key,
               std::initializer_list<std::pair<std::string_view, Value>> words, Value fallback) {
    const std::optional<std::string> word = optionalText(key);
    if (!word) return fallback;
    for (const auto& [name, value] : words) {
      if (name == *word) return value;
    }
    std::string allowed;
    for (const auto& [name, value] : words) {
      if (!allowed.empty()) allowed += ", ";
      allowed += name;
    }
    fail(key, "'" + *word + "' is none of " + allowed);
    return fallback;
  }
  /// The array; null when it is absent.
  const json::Array* array(std::string_view key);
  /// The object; null when it is absent.
  const json::Object* object(std::string_view key);

  [[nodiscard]] bool has(std::string_view key) const { return object_.find(key) != nullptr; }
  [[nodiscard]] const Place& place() const { return place_; }
  /// Notes a failure at a member, unless there was one before.
  void fail(std::string_view key, std::string_view reason);
  /// Takes over a failure from inside a member, unless there was one before.
  void adopt(const Error& error) {
    if (!error_) error_ = error;
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<std::string> optionalText(std::string_view key);

  const json::Object& object_;
  Place place_;
  std::optional<Error> error_;
};

}  // namespace vestibule::scim
