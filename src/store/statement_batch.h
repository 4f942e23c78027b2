#pragma once
// Several parameterised statements in one round trip. Where a round trip matters (writes of several
// rows or statements) this takes the place of one SOCI statement each. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "store/session.h"

namespace vestibule::store {

/// Bytes that are not text (ids, digests): written as a hexadecimal literal.
struct Blob {
  std::string_view bytes;
};

/// A parameter. Text is escaped by the connection's own rules and must not hold NUL.
using Parameter = std::variant<std::nullptr_t, std::int64_t, std::uint64_t, std::string_view, Blob>;

/// What one statement gave. `affected` counts the rows that were matched, changed or not (as SOCI
/// does).
struct StatementResult {
  std::uint64_t affected = 0;
  bool cut = false;  ///< there were more rows than atMost() allowed
  std::vector<std::vector<std::optional<std::string>>> rows;
};

/// Collects statements and runs them in order in one round trip, or in one each where the session
/// sendsOneByOne(). The server stops at the first that fails.
class StatementBatch {
 public:
  /// Adds a statement whose `?` stand for the parameters in order. `?` in the text may stand for
  /// nothing else. An assertion fails when the counts differ: statements are our own text.
  StatementBatch& add(std::string_view sql, std::initializer_list<Parameter> parameters = {});
  StatementBatch& add(std::string_view sql, const std::vector<Parameter>& parameters);
  /// Adds BEGIN. The session knows that a transaction is open.
  StatementBatch& begin();
  /// Adds COMMIT.
  StatementBatch& commit();

  /// Says that running this twice does what running it once does: a session lost on the way is then
  /// Failure::kLost, and the unit of work is run again.
  StatementBatch& repeatable();

  /// Keeps only so many bytes of each statement's rows, but its first row in any case; the rest is
  /// read from the server and dropped.
  StatementBatch& atMost(std::size_t bytes);

  /// Runs everything added since the last run and drains every result, one per statement in order.
  /// What text and Blob parameters point at must live until then. On failure an open transaction is
  /// rolled back and the Error is as Session::guard's; `session.failure()` tells more. Error
  /// kInvalidValue for NUL in text, kPayloadTooLarge when the server would not take so much.
  [[nodiscard]] Result<std::vector<StatementResult>> run(Session& session);

 private:
  struct Part {
    std::string sql;
    std::vector<Parameter> parameters;
  };
  std::vector<Part> parts_;
  bool begins_ = false;
  bool commits_ = false;
  bool writes_ = false;
  bool repeatable_ = false;
  static constexpr std::size_t kAllBytes = SIZE_MAX;
  std::size_t most_bytes_ = kAllBytes;
};

/// Runs one statement as it stands, without parameters: a step of a migration, which must be
/// harmless to repeat. Errors as Session::guard.
[[nodiscard]] Result<void> runVerbatim(Session& session, std::string_view sql);

}  // namespace vestibule::store
