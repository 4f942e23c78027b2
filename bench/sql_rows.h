#pragma once
// The text of a multi-row INSERT.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace vestibule::bench {

/// Appends rows value by value. Texts are ours: they hold no NUL and are valid UTF-8.
class SqlRows {
 public:
  /// `head` ends in `VALUES `.
  explicit SqlRows(std::string head) : text_(std::move(head)), empty_size_(text_.size()) {}

  SqlRows& row() {
    text_ += text_.size() == empty_size_ ? "(" : "),(";
    first_ = true;
    return *this;
  }
  SqlRows& number(std::uint64_t value) {
    divide();
    text_ += std::to_string(value);
    return *this;
  }
  SqlRows& bytes(std::string_view value) {
    divide();
    text_ += "x'";
    text_ += toHex(value);
    text_ += '\'';
    return *this;
  }
  SqlRows& text(std::string_view value) {
    divide();
    text_ += '\'';
    for (const char c : value) {
      if (c == '\'' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '\'';
    return *this;
  }
  SqlRows& null() {
    divide();
    text_ += "NULL";
    return *this;
  }

  [[nodiscard]] bool empty() const { return text_.size() == empty_size_; }
  /// The whole statement.
  [[nodiscard]] std::string statement() const { return text_ + ")"; }

 private:
  void divide() {
    if (!first_) text_ += ',';
    first_ = false;
  }

  std::string text_;
  std::size_t empty_size_;
  bool first_ = true;
};

}  // namespace vestibule::bench
