#pragma once
// The place of PRIMARY while it is restored. Every catalog has that domain, so it is served all the
// time, as well as can be:
//
//  - announced (active -> restoring): servers that have heard of it refuse writes (kUnavailable)
//    and go on reading;
//  - fenced: what PRIMARY holds gets another schema (domain_fence.h); whoever has not heard of it
//    finds no table any more;
//  - loaded: its tables into a new schema, its rows of tables that domains share into copies; there
//    migrations run and indexes are filled, which may fail for good;
//  - taking effect: what PRIMARY held is dropped, so that reading it is kUnavailable too, and the
//    rows in the copies take the place of those in the shared tables;
//  - restored (restoring -> active): the row names the new schema.
//
// Stopped anywhere, it is gone on with by making the place again. Until it takes effect what
// PRIMARY holds is whole, and can be given back; that its schema has migrations on record says so.
// Private to store/.

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/domain_store.h"
#include "store/session.h"

namespace vestibule::store {

/// The caller holds SchemaLock for as long as this lives, which the session outlives.
class PrimaryPlace {
 public:
  /// Announces the restoring, puts the fence up, and makes the new schema and the copies, empty.
  /// `wanted` is PRIMARY as the backup has it. Without `replace` PRIMARY must hold no user, group
  /// or other resource: error kUniqueness, which is told behind the fence again, and then PRIMARY
  /// is given back as it was. Where a restoring that was stopped has taken effect, nothing is asked
  /// of `replace`. Error kConflict in a state that is neither `active` nor `restoring`;
  /// kUnavailable when transactions on PRIMARY did not end within 20 s.
  [[nodiscard]] static Result<PrimaryPlace> make(Session& session,
                                                 const std::string& control_schema,
                                                 DomainRow wanted, bool replace);

  /// PRIMARY as it is going to be, in state `restoring`. `created` is this installation's, since
  /// that is what tells installations apart.
  [[nodiscard]] const DomainRow& row() const { return wanted_; }
  /// The quoted schema of the copies.
  [[nodiscard]] const std::string& copies() const { return copies_; }
  /// True for a table of the control schema whose rows are loaded into a copy. Those of the audit
  /// are not: they outlive what they tell of.
  [[nodiscard]] static bool isCopied(std::string_view table);

  /// Once all is loaded: from here on there is no way back. Error kConflict, before that, when a
  /// subject of the backup is linked to a user of another domain.
  [[nodiscard]] Result<void> takeEffect();
  /// Makes PRIMARY active.
  [[nodiscard]] Result<void> activate(const AuditEvent& event);
  /// Makes PRIMARY active with what it held before, where it did not take effect yet. Returns the
  /// error that this is done for, which says so when it failed too.
  [[nodiscard]] tl::unexpected<Error> giveBack(Error because);

 private:
  PrimaryPlace(Session& session, std::string control, DomainRow former, DomainRow wanted);
  /// From the announcement to the empty copies.
  Result<void> enter(bool replace);
  /// Error kUniqueness when PRIMARY holds what it is not to lose.
  Result<void> requireEmpty() const;
  /// Announces the restoring and puts the fence up.
  Result<void> announce();
  /// Drops what a run has loaded.
  Result<void> clear() const;
  Result<void> prepare() const;
  Result<void> refuseOtherDomainsLinks() const;
  /// Drops what PRIMARY held.
  Result<void> dropFormer();
  Result<void> share(std::string_view table) const;

  Session* session_;
  std::string control_;
  DomainRow former_;
  DomainRow wanted_;
  std::string copies_;
  bool held_ = false;  ///< what PRIMARY held before is whole
};

}  // namespace vestibule::store
