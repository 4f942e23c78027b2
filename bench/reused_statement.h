#pragma once
// A SOCI statement that is prepared once and run many times with what its variables hold then.

#include <soci/soci.h>

#include <string>
#include <string_view>

#include "store/session.h"

namespace vestibule::bench {

/// A text parameter that may be NULL.
struct NullableText {
  std::string value;
  soci::indicator indicator = soci::i_null;

  NullableText& operator=(std::string_view text) {
    value.assign(text);
    indicator = soci::i_ok;
    return *this;
  }
};

/// Bound variables must outlive it. Everything throws what SOCI throws.
class ReusedStatement {
 public:
  explicit ReusedStatement(store::Session& session) : statement_(session.soci()) {}

  /// Binds a result column; before `prepare`, in the order of the columns.
  template <typename Value>
  void into(Value& value) {
    statement_.exchange(soci::into(value));
  }
  /// Binds a parameter; before `prepare`, in the order of the parameters.
  template <typename Value>
  void use(Value& value) {
    statement_.exchange(soci::use(value));
  }
  void use(NullableText& text) { statement_.exchange(soci::use(text.value, text.indicator)); }
  [[nodiscard]] soci::statement& raw() { return statement_; }

  /// Binds the parameters and prepares the text, whose parameters are `?` or `:name`.
  template <typename... Values>
  void prepare(const std::string& text, Values&... values) {
    (use(values), ...);
    statement_.alloc();
    statement_.prepare(withNames(text));
    statement_.define_and_bind();
  }

  /// Runs a statement that gives no rows.
  void run() { statement_.execute(true); }
  /// How many rows the last run matched.
  [[nodiscard]] long long affected() { return statement_.get_affected_rows(); }
  /// Runs a statement that gives rows and reads them one by one; how many there were.
  unsigned fetchAll() {
    return fetchEach([] {});
  }
  /// The same, calling `seen` when a row is in the bound variables.
  template <typename Seen>
  unsigned fetchEach(const Seen& seen) {
    statement_.execute(false);
    unsigned rows = 0;
    while (statement_.fetch()) {
      seen();
      ++rows;
    }
    return rows;
  }

 private:
  /// SOCI knows no `?`.
  static std::string withNames(std::string_view text) {
    std::string out;
    int number = 0;
    for (const char c : text) {
      if (c == '?') {
        out += ":p" + std::to_string(++number);
      } else {
        out += c;
      }
    }
    return out;
  }

  soci::statement statement_;
};

}  // namespace vestibule::bench
