#include "store/operation_statements.h"

namespace vestibule::store {
namespace {

constexpr std::string_view kOperationColumns =
    "SELECT seq, id, state, due, attempts, LOWER(HEX(token_id)), request_digest, idp_name, "
    "subject, "
    "correlation_id, request, outcome, domain_number, user_id, user_groups, code, detail, created, "
    "finished FROM {control}.operations ";

}  // namespace

std::string operationText(std::string_view sql, std::string_view control) {
  constexpr std::string_view kMark = "{operation}";
  std::string text(sql);
  if (const auto at = text.find(kMark); at != std::string::npos) {
    text.replace(at, kMark.size(), kOperationColumns);
  }
  return forSchemas(text, {}, control);
}

std::vector<StatementText> operationStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string name, std::string_view sql) {
    all.push_back({std::move(name), operationText(sql, "{control}")});
  };
  add("insertOperation", sql::kInsertOperation);
  add("operation", sql::kOperation);
  add("operationByKey", sql::kOperationByKey);
  add("claimable", sql::kClaimable);
  add("claimOperations", sql::kClaimOperations);
  add("operationsOfRows", sql::kOperationsOfRows);
  add("expiredLeases", sql::kExpiredLeases);
  add("requeueOperations", sql::kRequeueOperations);
  add("finishOperation", sql::kFinishOperation);
  add("finishOperationOrFail", sql::kFinishOperationOrFail);
  add("postponeOperation", sql::kPostponeOperation);
  add("buryOperation", sql::kBuryOperation);
  add("releaseOperations", sql::kReleaseOperations);
  add("forgetOperation", sql::kForgetOperation);
  add("lockOperation", sql::kLockOperation);
  add("laterDone", sql::kLaterDone);
  add("retryOperation", sql::kRetryOperation);
  add("dropOperation", sql::kDropOperation);
  add("operationsInState", sql::kOperationsInState);
  add("endedAmong", sql::kEndedAmong);
  add("oldOperations", sql::kOldOperations);
  add("deleteOperations", sql::kDeleteOperations);
  add("countOperations", sql::kCountOperations);
  return all;
}

}  // namespace vestibule::store
