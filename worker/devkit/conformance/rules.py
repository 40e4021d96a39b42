"""Lists all rules, and runs them over a connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from worker.devkit.conformance import (
    case_rules,
    fetch_rules,
    handshake_rules,
    mapping_rules,
    order_rules,
    page_rules,
    payload_rules,
    place_rules,
    plan_rules,
    reading_rules,
    secret_rules,
    signature_rules,
    source_rules,
)
from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Filed, Subject
from worker.errors import ConfigError
from worker.sdk.connector import Connector
from worker.sdk.route import named

Rule: TypeAlias = Callable[[Subject], Iterator[Problem]]

FIRST: tuple[Rule, ...] = (
    case_rules.settings_of_cases_can_be_loaded,
    mapping_rules.mappings_do_no_io,
    mapping_rules.resources_are_those_of_upsales,
    mapping_rules.values_are_those_of_a_plan,
    place_rules.places_are_there,
    source_rules.what_is_fetched_is_declared,
    source_rules.recorded_answers_are_as_declared,
    fetch_rules.ids_of_what_is_fetched_are_there,
    mapping_rules.mappings_raise_nothing,
)
"""While one of these finds something, the others would only repeat it."""

RULES: tuple[Rule, ...] = (
    *FIRST,
    case_rules.request_comes_to_its_plan,
    case_rules.result_is_kept_as_it_is_written,
    case_rules.there_are_samples,
    case_rules.every_sample_ends_in_a_plan,
    case_rules.samples_share_their_settings,
    signature_rules.signed_request_is_valid,
    signature_rules.changed_body_is_refused,
    signature_rules.other_secrets_are_refused,
    signature_rules.unsigned_request_is_refused,
    signature_rules.other_signature_headers_are_refused,
    signature_rules.missing_and_repeated_signature_headers_are_refused,
    signature_rules.public_key_is_no_secret,
    signature_rules.signature_is_where_the_captured_request_has_it,
    handshake_rules.handshakes_never_raise,
    handshake_rules.each_handshake_has_a_case,
    handshake_rules.verify_tokens_are_asked_for,
    handshake_rules.events_are_no_handshakes,
    secret_rules.secrets_in_payloads_are_hidden,
    secret_rules.secret_fields_hit_something,
    place_rules.places_can_be_told,
    reading_rules.id_stays_the_same_when_sent_again,
    reading_rules.different_events_have_different_ids,
    reading_rules.id_is_not_the_same_for_every_event,
    reading_rules.time_of_a_sample_can_be_read,
    reading_rules.unknown_type_falls_under_no_rule,
    reading_rules.every_handled_type_has_a_case_with_a_plan,
    reading_rules.no_ignored_pattern_hides_a_handled_type,
    reading_rules.other_body_says_what_is_missing,
    reading_rules.accepted_status_is_a_success,
    payload_rules.unknown_fields_change_nothing,
    payload_rules.missing_required_field_is_named,
    payload_rules.null_in_an_optional_field_is_fine,
    payload_rules.planning_is_pure,
    payload_rules.no_valid_payload_makes_a_mapping_raise,
    plan_rules.writes_are_what_the_plans_do,
    plan_rules.plans_hold_what_upsales_keeps,
    plan_rules.plans_leave_the_marker_alone,
    plan_rules.a_sample_can_make_each_record,
    plan_rules.keys_and_matches_fit_into_the_ledger,
    plan_rules.links_lead_somewhere,
    mapping_rules.each_thing_has_a_key_of_its_own,
    source_rules.source_is_where_it_may_be_read,
    source_rules.every_reading_is_recorded,
    fetch_rules.what_is_read_is_what_was_asked_for,
    fetch_rules.time_of_a_reading_can_be_read,
    source_rules.what_answers_mean_is_always_told,
    source_rules.changes_are_events_that_are_known,
    source_rules.unproved_events_are_fetched,
    source_rules.secrets_of_readings_are_masked,
    order_rules.arrival_within_one_time_changes_nothing,
    page_rules.settings_say_what_they_are_for,
    page_rules.there_is_a_page,
    page_rules.page_names_every_type_and_setting,
    page_rules.settings_on_the_page_can_be_loaded,
    page_rules.events_on_the_page_are_understood,
    page_rules.page_shows_a_connection_with_its_variables,
    page_rules.page_tells_the_defaults_that_there_are,
    page_rules.page_names_every_rule_that_ignores,
)


def check(connector: Connector, cases: Sequence[Filed], page: str | None = None) -> Sequence[Problem]:
    return check_subject(Subject(connector, cases, page))


def check_subject(subject: Subject, rules: Sequence[Rule] = RULES) -> Sequence[Problem]:
    if not any(filed.case.request.method == "POST" for filed in subject.cases):
        mend = "capture a request of the sender: relay capture --listen 9000"
        return (Problem(subject.connector.name, "there is no case to look at", mend, "there_are_cases"),)
    problems: list[Problem] = []
    for rule in rules:
        problems += [replace(found, rule=rule.__name__) for found in _run(rule, subject)]
        if problems and rule in FIRST:
            break
    return problems


def _run(rule: Rule, subject: Subject) -> Iterator[Problem]:
    try:
        yield from rule(subject)
    except ConfigError as error:
        yield Problem(subject.connector.name, str(error), 'mend the "settings" of the case')
    except Exception as error:  # noqa: BLE001 - a connector may be anybody's code: what it raises is a finding
        yield Problem(subject.connector.name, f"raised {named(error)}: {error}", "the connector's code must not raise")
