#pragma once
// The use case of a bulk request (RFC 7644 §3.7): many changes, each in a transaction of its own.

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "directory/password_hasher.h"
#include "json/value.h"
#include "scim/bulk/request.h"

namespace vestibule::directory {

/// What became of one operation.
struct BulkResult {
  scim::BulkMethod method = scim::BulkMethod::kPost;
  std::string bulk_id;             ///< empty: none was sent
  std::string location;            ///< empty for a POST that failed, and where there is no address
  std::optional<Version> version;  ///< of the resource that a success left
  std::optional<Error> error;      ///< nothing: it was done
};

/// Runs bulk requests. Thread-safe.
class Bulk {
 public:
  /// `context` is copied; what it points to must outlive the object. With `require_version` a PUT,
  /// PATCH or DELETE has to name the version it changes, else it fails with kVersionRequired;
  /// except for what the same request creates, whose version nobody can know.
  explicit Bulk(const Context& context, bool require_version = false);

  /// Runs the operations of a BulkRequest one after the other, in the order of planBulk, and
  /// returns their results in the order of the request. The caller has been authorised to write;
  /// what a view does not show does not exist for an operation either.
  ///
  /// An operation fails alone, and with it those that refer to what it should have created
  /// (kConflict). POSTs that refer to each other in a circle are created without these references,
  /// which are added when all are there; if one fails none of them stays. After `failOnErrors`
  /// errors, what has not been begun is not in the result. When the database cannot be reached for
  /// several operations in a row, the others fail with kUnavailable without having been tried.
  ///
  /// `read` gives the message. It is called once there is a place for it to be run in, so that no
  /// more requests than run take the memory of one.
  ///
  /// Errors of the whole, before any work: kUnavailable when too many bulk requests are being run,
  /// those of `read`, and those of parseBulk. A request may take as long as its passwords take to
  /// hash; what the view shows is what it showed at its beginning.
  [[nodiscard]] Result<std::vector<BulkResult>> run(
      const View& view, const std::function<Result<json::Value>()>& read);

 private:
  /// The requests run at a time: each occupies a thread that others wait for, perhaps for minutes.
  static constexpr unsigned kAtOnce = 4;

  Context context_;
  bool require_version_;
  /// A hasher of its own, with a place for each request that may run: so a bulk of passwords is
  /// never refused one, and takes none away from people who set theirs.
  PasswordHasher password_hasher_{1, kAtOnce};
  std::atomic<unsigned> running_{0};
};

}  // namespace vestibule::directory
