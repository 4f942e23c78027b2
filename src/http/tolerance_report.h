#pragma once
// Which tolerances requests needed, told to operators: a log line for each request that needed any,
// and a counter for each tolerance.

#include "base/metrics.h"
#include "directory/context.h"
#include "directory/principal.h"
#include "http/exchange.h"

namespace vestibule::http {

/// Thread-safe.
class ToleranceReport {
 public:
  /// Adds the counter `vestibule_tolerances_fired_total` to `metrics`, which must outlive this.
  explicit ToleranceReport(Metrics& metrics);

  /// Counts each, and logs one line with the event, the tolerances, the token, the method and the
  /// route: nothing of the request's own. The line is a warning when `members_replace_adds` fired,
  /// and one for debugging when nothing but `group_patch_204` did, which is a choice of ours and no
  /// deviation of the client.
  void tell(const Request& request, const directory::Principal& principal,
            scim::TolerancesFired fired) const;

 private:
  Counter& fired_;
};

/// Reports at the end of a request what has fired by then. All arguments outlive it.
class ToleranceScope {
 public:
  ToleranceScope(const ToleranceReport& report, const Request& request,
                 const directory::Principal& principal, const directory::View& view)
      : report_(report), request_(request), principal_(principal), view_(view) {}
  ~ToleranceScope() { report_.tell(request_, principal_, view_.fired()); }
  ToleranceScope(const ToleranceScope&) = delete;
  ToleranceScope& operator=(const ToleranceScope&) = delete;

 private:
  const ToleranceReport& report_;
  const Request& request_;
  const directory::Principal& principal_;
  const directory::View& view_;
};

}  // namespace vestibule::http
