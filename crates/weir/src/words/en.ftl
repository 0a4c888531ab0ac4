### Weir in English. The other catalogues follow this one: same keys, same values, same [codes].
###
### Glossary: one word for one thing.
###   data source   a place that rows are read from
###   entity        a table: of a source, of profiles, of a measure
###   unification   map, match and merge: rows of many sources become profiles
###   profile       all that is known of one person
###   measure       a number that is calculated from entities
###   segment       the profiles that fit a rule
###   refresh       read, unify, measure, publish
###   job, task     one refresh, and one step of it
###   snapshot      what a refresh published, as a whole
###   threshold     a level whose crossing is an event
###   flow, run     a workflow, and one time that it ran
###   instance      one Weir with its data folder
###   definitions   what weir.yaml and the flows say
### Not translated: commands, options, file names, ${…}, Weir.

## Everywhere

error = error
warning = warning
info = info
help = help
error-line = error: { $message }
seconds = { $n } s
percent = { $n } %
score = { $n }
unchanged = unchanged
never = never
snapshot = snapshot { $snapshot }

## How things stand

task-status = { $status ->
    [queued] queued
    [processing] processing
    [failedRetrying] failed, will be tried again
    [successful] successful
    [completedWithWarnings] completed with warnings
    [completedWithErrors] completed with errors
    [failedPermanent] failed
    [skipped] skipped
    [canceled] cancelled
   *[other] { $status }
}
job-status = { $status ->
    [queued] queued
    [running] running
    [successful] successful
    [completedWithWarnings] completed with warnings
    [failed] failed
    [canceled] cancelled
   *[other] { $status }
}
run-status = { $status ->
    [Running] Running
    [Waiting] Waiting
    [Succeeded] Succeeded
    [Failed] Failed
    [Skipped] Skipped
    [TimedOut] Timed out
    [Cancelled] Cancelled
   *[other] { $status }
}
delivery-status = { $status ->
    [pending] pending
    [delivered] delivered
    [failed] failed
   *[other] { $status }
}
operation = { $operation ->
    [ingestion] ingestion
    [unification] unification
    [activity] activities
    [attributeMeasures] attribute measures
    [entityMeasures] entity measures
    [segmentation] segmentation
    [segmentMembership] segment membership
    [search] search
    [export] export
   *[other] { $operation }
}
submission = { $kind ->
    [onDemand] on demand
    [scheduled] scheduled
   *[other] { $kind }
}
scope = { $kind ->
    [dataSource] data source { $name }
    [unification] unification
    [measure] measure { $name }
    [segment] segment { $name }
    [export] export { $name }
   *[full] everything
}
scope-with = { $surroundings ->
    [upstream] { $what } with what it reads
    [downstream] { $what } with what reads it
   *[both] { $what } with what it reads and what reads it
}
flow-state = { $state ->
    [on] on
    [waiting] off: needs the connection { $connections }
    [paused] paused
   *[off] off
}

## Heads of columns

column-action = ACTION
column-adds = ADDS
column-after = SEGMENT AFTER
column-alone = ALONE
column-ambiguous = AMBIGUOUS
column-attribute = ATTRIBUTE
column-attributes = ATTRIBUTES
column-average = AVERAGE
column-before = BEFORE
column-by = BY
column-calculation = CALCULATION
column-change = CHANGE
column-code = CODE
column-compared = PAIRS COMPARED
column-crossed = CROSSED
column-customer = CUSTOMER
column-ends = ENDS
column-ended = ENDED
column-entity = ENTITY
column-error = ERROR
column-event = EVENT
column-flow = FLOW
column-found = FINDS
column-fulfilled-by = FULFILLED BY
column-greatest = GREATEST
column-job = JOB
column-key = KEY
column-left-out = LEFT OUT
column-level = LEVEL
column-likely = LIKELY
column-likely-matches = LIKELY MATCHES
column-matched = MATCHED
column-measure = MEASURE
column-members = MEMBERS
column-kind = KIND
column-connector = CONNECTOR
column-detail = DETAIL
column-name = NAME
column-next-tick = NEXT TICK
column-of = OF
column-only = ONLY HERE
column-other-customer = OTHER CUSTOMER
column-outputs = OUTPUTS OR ERROR
column-operation = OPERATION
column-id = ID
column-asked = ASKED
column-answers = ANSWERED
column-title = TITLE
column-failed = FAILED
column-hint = WHAT HELPS
column-parameters = PARAMETERS
column-answered = ANSWERED BY
column-pairs = PAIRS
column-precision = PRECISION
column-record = RECORD
column-refreshed = REFRESHED
column-refused = REFUSED
column-result = RESULT
column-role = ROLE
column-rows = ROWS
column-rule = RULE
duplicate-made = { $name } stands in { $place }: change it there, then run `weir apply`.
column-customers = CUSTOMERS
column-segment = SEGMENT
column-share = SHARE
column-run = RUN
column-score = SCORE
column-smallest = SMALLEST
column-snapshot = SNAPSHOT
column-stage = STEP
column-started = STARTED
column-state = STATE
column-status = STATUS
column-subject = SUBJECT
column-submitted = SUBMITTED
column-task = TASK
column-threshold = THRESHOLD
column-time = TIME
column-token = TOKEN
column-trend = TREND
column-tried = TRIED
column-type = TYPE
column-unique = UNIQUE
column-used-by = USED BY
column-value = VALUE
column-values = VALUES
column-version = VERSION
column-applied = APPLIED
column-bytes = BYTES
column-watches = WATCHES
column-what = WHAT
column-why = WHY
column-with-values = WITH VALUES

## weir status

status-head = { $instance }, snapshot { $snapshot }
status-nothing-applied = (nothing applied)
status-last-job = last job { $job }: { $status } at { $ended }

## weir refresh

refresh-elsewhere = another process works on this instance; it runs the job
refresh-cancelling = cancelling; the last snapshot stands (interrupt again to stop at once)
# $snapshot: empty, or refresh-snapshot. $message: what the refresh came to.
refresh-ended = { $job }: { $status ->
    [successful] successful{ $snapshot } ({ $message })
    [completedWithWarnings] completed with warnings{ $snapshot } ({ $message }); see `weir status`
    [failed] failed{ $snapshot }: { $message }
    [canceled] cancelled: { $message }
   *[other] { job-status }
}
refresh-snapshot = , snapshot { $snapshot }

## weir jobs

jobs-show = { $job } of { $scope } ({ $by }): { $status } { $message }
jobs-will-stop = { $job } will stop; the last snapshot stands
jobs-missing = there is no job { $job }
ended-already = { $what } has ended already

## weir thresholds

thresholds-no-value = no value yet
thresholds-missing = there is no threshold { $name }
thresholds-preview = { $name }: would have crossed { $n ->
    [one] once
   *[other] { $n } times
} over { $points ->
    [one] { $points } value
   *[other] { $points } values
}

## weir unify

unify-report = the unification of snapshot { $snapshot }: { $profiles ->
    [one] { $profiles } profile
   *[other] { $profiles } profiles
}, of which { $matched ->
    [one] { $matched } has
   *[other] { $matched } have
} records of more than one entity
unify-rows-shown = { $n } of { $total ->
    [one] { $total } row
   *[other] { $total } rows
}
unify-which = { $which ->
    [withoutKey] Rows without a primary key; they are left out
    [matched] Rows whose customer has a row of another entity
    [unmatchedKept] Rows that matched nothing and are customers of their own
    [unmatchedDropped] Rows that matched nothing and are left out
   *[other] { $which }
}
unify-stage = { $stage ->
    [deduplication] deduplication
    [match] match
   *[other] { $stage }
}
unify-preview = with these definitions, over snapshot { $snapshot }: { $profiles ->
    [one] { $profiles } profile
   *[other] { $profiles } profiles
} (now { $before }); nothing was published
unify-suggest-head = rules suggested from the rows of snapshot { $snapshot }; nothing was changed
unify-suggest-step = { $step ->
    [reading] reading values
    [learning] learning from the data
    [comparing] comparing pairs
    [choosing] choosing rules
   *[trying] trying the rules
}
unify-suggest-reason = { $kind ->
    [name] the name says “{ $word }”
    [values] { $alike } of { $of } values look like it
    [nameAndValues] the name says “{ $word }”, { $alike } of { $of } values look like it
   *[dataType] the data type
}
unify-suggest-merged = { $n ->
    [one] { $n } pair would merge
   *[other] { $n } pairs would merge
}
unify-suggest-not-merged = { $n ->
    [one] { $n } pair would not
   *[other] { $n } pairs would not
}
unify-suggest-fails = { $attribute } fails
unify-suggest-blocking = { $pairs ->
    [one] { $pairs } pair
   *[other] { $pairs } pairs
} of { $possible } possible were compared; at least about { $missed } matches may be missed
unify-suggest-refused = “{ $value }” in { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
} ({ $reason ->
    [default] stands where nothing is known
   *[common] too common
})
unify-suggest-part = { $part ->
    [first] first name
    [last] last name
    [names] names
    [firstSound] sound of the first name
    [lastSound] sound of the last name
    [initial] initial
    [email] e-mail
    [user] e-mail before the @
    [phone] telephone
    [birth] birth date
    [birthYear] birth year
    [postal] postal code
    [city] town
    [street] street
   *[extra] value
}
unify-suggest-note = { $code ->
    [noPeople] no entity seems to be about people
    [keyMissing] { $entity } has no primary key of one attribute, which unification needs
    [noSignals] { $entity } has no attributes that tell people apart
    [nothingInCommon] { $entity } has no attributes in common with the entities above it
    [nothingAlikeWithin] hardly any rows of { $entity } seem to be one customer
    [nothingAlike] hardly any rows of { $entity } seem to be a customer of the entities above it
   *[nothingPrecise] no rule for { $entity } is precise enough; a lower precision finds more
}
unify-suggest-next = weir unify suggest --yaml prints these rules as a section for weir.yaml
unify-suggest-written = the rules are written to { $file }
unify-explain-one-or-two = ask about one or two: ids of customers, or --record entity:key
unify-customer = customer { $id }
unify-nobody = { $record } is left out: it belongs to no customer
unify-profile = profile
unify-more-records = { $n ->
    [one] and { $n } more record
   *[other] and { $n } more records
}
unify-links = what put the records together
unify-alone = no rule put anything together here
unify-same = both are the same customer; the nearest pairs of their records
unify-nearest = two customers; the nearest pairs of their records
unify-no-pair = no rule compares records of these two
unify-decided = { $decided ->
    [alwaysMatch] people decided that these two always match
   *[neverMatch] people decided that these two never match
}
unify-rule = { $stage ->
    [deduplication] deduplication rule { $rule }
   *[match] match rule { $rule }
}: { $outcome ->
    [fulfilled] fulfilled
    [failed] not fulfilled
   *[excepted] all conditions hold, but an exception applies
}
unify-score = score { $score }
unify-probability = by probability: { $probability }, needed { $needed }
unify-prior = before anything is compared
unify-weight = weight { $n }
unify-of-needed = { $score }, needed { $needed }
unify-without = { $why ->
    [missing] no value
    [empty] nothing is left of it after normalization
   *[bypassed] this value is never used
}
unify-exception = exception { $name }
unify-obstacle = { $code ->
    [inactive] but the rule is not used
    [neverMatch] but people decided that they never match
    [earlierRule] but the earlier rule { $rule } had matched { $partner }
    [otherPartner] but { $partner } was the better partner
    [tooFrequent] but { $rows ->
        [one] { $rows } row shares
       *[other] { $rows } rows share
    } this value, so it was not used
   *[refused] but it would join rows that never match
}
unify-apart = { $code ->
    [belowThreshold] but that is less than needed
    [neverMatch] but people decided that rows of these two customers never match
    [noSharedKey] but they were never compared: they have no value in common by which pairs are looked for
   *[cut] but they hang together with very many other rows, which were cut where they are least alike
}
unify-contradiction = but { $one } and { $other } differ in { $what }, as one customer hardly ever does
unify-other-rows = but the customers as a whole are not alike enough: mean weight { $mean }, needed { $needed }; most against it: { $one } — { $other }, weight { $weight }
unify-closer = { $row } of the same customer was the better partner
unify-too-frequent = but they were never compared: { $rows ->
    [one] { $rows } row shares
   *[other] { $rows } rows share
} their { $key }, and at most { $most } may
unify-pinned = { $n ->
    [one] { $n } row is pinned
   *[other] { $n } rows are pinned
} to customer { $id }
# $n rows are taken from customer $old; the other $kept stay with it.
unify-unmerged = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} of customer { $old } will be customer { $id }; { $kept ->
    [one] { $kept } row stays
   *[other] { $kept } rows stay
}
unify-unpinned = { $n ->
    [one] { $n } row is
   *[other] { $n } rows are
} no longer pinned
unify-next-refresh = next: weir refresh
unify-not-pinned = the row { $row } is not pinned; nothing was changed
unify-since = has this id since { $at }
unify-leads-to = leads to: { $ids }
unify-leads-nowhere = nobody; all its rows are gone
lineage-event = { $event ->
    [created] created
    [mergedInto] merged into
    [splitFrom] split from
    [retired] retired
    [returned] returned
    [pinned] pinned by hand, from
   *[other] { $event }
}

## weir flow

flow-off = the flow { $flow } is off
flow-run = { $run } of { $flow }: { $status }
flow-run-started = started { $started } by { $origin }
flow-run-missing = there is no run { $run }
flow-will-stop = { $run } will stop
approval-subject = Approval needed: { $title }
approval-reminder-subject = Still waiting for your answer: { $title }
approval-open = Look and answer
approval-yours-alone = This link is yours alone. Opening it decides nothing yet.
approval-none = There is nothing to decide here.
approval-too-late = This has been decided, or the flow waits no more.
approval-you-said = You answered: { $answer }.
approval-outcome = Outcome: { $outcome }.
approval-comments = Comments
approvals-none-waits = no approval waits
approval-taken = { $taken ->
    [noted] noted; others are still to answer
    [decided] decided; the flow goes on
    [before] { $person } had answered before; the first answer counts
   *[tooLate] it was decided before, or the flow waits no more
}
mail-paused-subject = The flow { $flow } keeps failing and is paused
mail-paused = All { $failures } runs of { $flow } since { $since } failed, so it is paused: its trigger starts no more runs.
mail-paused-next = Mend what is wrong, then turn it on: weir flow on { $flow }. What was missed can be done again: weir flow resubmit --failed-of { $flow }.
mail-digest-subject = { $count ->
    [one] { $count } flow failed
   *[other] { $count } flows failed
}
failure-hint = { $hint ->
    [connection] mend the connection, then resubmit
    [action] mend the action: it asks for something wrong
    [later] the other side failed: resubmit later
    [expression] an expression has no value: try the flow with this run
   *[look] look at the run
}
flow-took-over = { $run } takes over from { $old }
flow-not-started = { $old } was not taken over: the flow is off, or its trigger wants something else
flow-nothing-to-resubmit = no run of this flow failed
flow-tried = a trial of { $flow }: { $status }; nothing was sent
flow-held-back = { $count ->
    [0] No call was held back.
    [one] { $count } call was held back:
   *[other] { $count } calls were held back:
}
flow-answered = { $by ->
    [given] the answer that was given
    [past] the past run
   *[assumed] an assumed success
}
flow-missing = there is no flow { $flow }
flow-no-findings = { $file }: no findings
import-flow = { $state ->
    [written] { $title } is now { $file }
    [dryRun] { $title } would become { $file }
    [exists] { $title } was left out: { $file } is there already (--force overwrites it, --name gives another name)
   *[wrong] { $title } was left out: it has mistakes; `weir flow draft save { $name } FILE` keeps it as a draft
}
import-need = { $state ->
    [mapped] {"  "}connection { $key } ({ $connector }): there
    [open] {"  "}connection { $key } ({ $connector }): choose yours with --map { $key }=NAME; of the kind { $kind } there are { $choices }
    [none] {"  "}connection { $key } ({ $connector }): there is none of the kind { $kind } yet; add one under `connections:` and name it with --map { $key }=NAME
   *[unknown] {"  "}connection { $key } ({ $connector }): there is no such connector here; give these actions static results: { $actions }
}
import-unknown-key = {"  "}--map { $key }: the flow has no such connection
import-secret = { $state ->
    [moved] {"  "}secret at { $place } ({ $pointer }): now in the vault's care as { $name }
   *[there] {"  "}secret at { $place } ({ $pointer })
}
import-set-secrets = {"  "}Now store the secrets; each is read from standard input:
import-move-secrets = {"  "}--move-secrets puts references to the vault in their place.
import-stripped = {"  "}taken out: { $places }
import-note = { $code ->
    [classicWorkflow] left out: { $about } is a classic workflow ({ $path })
    [desktopFlow] left out: { $about } is a desktop flow ({ $path })
    [otherWorkflow] left out: { $about } is no cloud flow ({ $path })
    [templateExpression] { $path }: this expression of the template stays as it is: { $about }
    [placeholder] { $path }: the template's placeholder became { $about }
    [notUtf8] left out: { $path } is not UTF-8 text
   *[notJson] left out: { $path } is not JSON: { $about }
}
import-apply = `weir apply` makes them flows of the instance. A flow stays off until its connections are there.
flow-exported = wrote { $file }
flow-exported-secrets = Careful: secrets that are written in it: { $n }
version-present = present
diff-same = The documents are the same.
diff-part = { $change ->
    [added] { $part } { $name }: added
    [removed] { $part } { $name }: removed
    [moved] { $part } { $name }: moved
   *[changed] { $part } { $name }: changed
}
flow-restored = { $state ->
    [applied] { $flow } is at version { $version } again ({ $file })
   *[written] wrote version { $version } of { $flow } to { $file }; the definitions have other changes too, so `weir apply` is yours to call
}
draft-missing = there is no draft of { $flow }
draft-saved = { $state ->
    [right] the draft of { $flow } is right
   *[wrong] the draft of { $flow } has mistakes; it is kept, and cannot be published
}
draft-discarded = the draft of { $flow } is gone

## weir query

query-written = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} to { $file }

## weir connection

connection-missing = there is no connection { $name }
connection-result = { $result ->
    [works] works
    [unknown] not tested
    [failed] does not work
   *[other] { $result }
}
connector-missing = there is no connector { $name }

## weir secret

secret-stored = stored; use it as { $reference }
secret-removed = removed { $name }
secret-missing = there is no secret { $name }

## weir token

token-created = the token { $name } ({ $role }) is good until { $end }; it is shown only this once:
token-state = { $state ->
    [live] live
    [revoked] revoked
    [ended] ended
   *[other] { $state }
}
token-missing = there is no live token { $token }
token-revoked = the token { $name } is revoked

## weir init

init-taken = { $files } is there already; nothing was written
init-made = made { $files } in { $folder }
init-next = next: { $commands }

## weir check, apply, export

n-sources = { $sources ->
    [one] { $sources } data source
   *[other] { $sources } data sources
}
n-measures = { $measures ->
    [one] { $measures } measure
   *[other] { $measures } measures
}
n-segments = { $segments ->
    [one] { $segments } segment
   *[other] { $segments } segments
}
n-thresholds = { $thresholds ->
    [one] { $thresholds } threshold
   *[other] { $thresholds } thresholds
}
n-flows = { $flows ->
    [one] { $flows } flow
   *[other] { $flows } flows
}
check-right = definitions of { $instance }: { n-sources }, { n-measures }, { n-segments }, { n-thresholds }, { n-flows }: no errors
check-wrong = { $n ->
    [one] { $n } problem
   *[other] { $n } problems
}; nothing was applied
check-more = … and { $n } more
apply-not-confirmed = the plan deletes something: look at it with `weir plan`, then `weir apply --yes`
# The answer is typed as y or yes in every language.
apply-ask = apply this? [y/N]
apply-done = applied; next: weir refresh
export-wrote = wrote { $files } in { $folder }
export-paths = paths of data sources start from { $folder }: mend them here
export-other-flows = there are flows in the folder that are not applied; they were left alone

## weir serve

serve-listening = weir serves on { $address }; Ctrl-C stops it

## weir doctor

doctor-check = { $check ->
    [definitions] definitions
    [data-folder] data folder
    [clock] clock
    [state] state
    [entities] entities
    [secrets] secrets
    [refresh] refresh
    [schedule] schedule
   *[other] { $check }
}
doctor-fix-line = fix: { $fix }
doctor-definitions-right = { $instance } is right
doctor-definitions-fix = run `weir check` to see every mistake
doctor-folder-right = { $folder } can be written
doctor-folder-fix = give this user the right to write there, or choose another folder with --data
doctor-clock-wrong = { $now } is before this program was made
doctor-clock-fix = set the clock, best by NTP
doctor-state-right = weir.db is whole
doctor-state-fix = run `weir apply`, then `weir refresh`
doctor-restore = restore the data folder from a backup
doctor-entities-right = { $n ->
    [one] { $n } entity
   *[other] { $n } entities
} at snapshot { $snapshot }
doctor-secrets-right = { $n ->
    [one] { $n } connection has what it needs
   *[other] { $n } connections have what they need
}
doctor-secrets-fix = store it with `weir secret set NAME`, or set the environment variable
doctor-restore-key = restore secret.key from a backup
doctor-apply-again = run `weir apply` again
doctor-never-refreshed = nothing was refreshed yet
doctor-refresh-first = run `weir refresh`
doctor-refresh-failed = the last one failed: { $message }
doctor-refresh-fix = see `weir status`, mend the source, `weir refresh`
doctor-refresh-right = the last one is { $status }
doctor-see-log = see the log
doctor-overdue = work of the queue { $queue } is due since { $due }
doctor-overdue-fix = keep `weir serve` running
doctor-schedule-right = nothing is overdue
doctor-no-schedule = no schedule is defined

## weir demo

demo-opening =
    A shop, a loyalty scheme and a partner know the same people, each in its own way.
    Made in { $folder }:
    { $people ->
        [one] { $people } person
       *[other] { $people } people
    } as { $contacts ->
        [one] { $contacts } shop contact
       *[other] { $contacts } shop contacts
    }, { $members ->
        [one] { $members } loyalty member
       *[other] { $members } loyalty members
    } and { $partners ->
        [one] { $partners } row
       *[other] { $partners } rows
    } of a partner's list,
    with typos, nicknames, swapped names, missing and wrong values; { $orders ->
        [one] { $orders } order
       *[other] { $orders } orders
    } and { $returns ->
        [one] { $returns } return
       *[other] { $returns } returns
    }.

    First refresh
demo-first =
    { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    } became { $profiles ->
        [one] { $profiles } profile
       *[other] { $profiles } profiles
    } in { $seconds } s. The data is made up, so the truth is known: { $people ->
        [one] { $people } person
       *[other] { $people } people
    }.
    Of the pairs of rows that were put together { $precision } % belong together; of those that belong together { $recall } % were.
demo-change =
    Overnight: { $contacts ->
        [one] { $contacts } new contact
       *[other] { $contacts } new contacts
    } and { $orders ->
        [one] { $orders } new order
       *[other] { $orders } new orders
    }.

    Second refresh
demo-not-crossed = No threshold was crossed; that is not what this demo is for.
demo-flow = flow { $flow }: { $status }
demo-card = Teams card
demo-no-card = no Teams card arrived
demo-mail = E-mail: { $subject }
demo-no-mail = no e-mail arrived
demo-look-around = All of it took { $seconds } s. Look around (cd { $folder }):
demo-serving = serving on { $address } (health, metrics); Ctrl-C stops it

customer-head = Customer { $id }
customer-no-segments = in no segment
customer-segments = Segments: { $names }
customer-timeline = Timeline: { $types }
customer-more = There are more: --skip and --top.

profile-rows = ROWS
profile-missing = MISSING
profile-distinct = DIFFERENT
profile-smallest = SMALLEST
profile-largest = LARGEST
profile-frequent = MOST FREQUENT
profile-none = there is no profile of { $entity }: name an entity of a data source by its full name, and refresh it first

## weir segment and weir measure

reference = { $kind ->
    [entity] entity { $name }
    [measure] measure { $name }
    [segment] segment { $name }
    [threshold] threshold { $name }
    [export] export { $name }
   *[flow] flow { $name }
}
standing-state = { $state ->
    [active] active
    [inactive] inactive
    [draft] draft
   *[static] only on request
}
standing-no-result = { $name }: no result yet
standing-tags = tags: { $tags }
standing-refreshed = refreshed at { $at }
standing-outdated = the definition has changed since then; `weir refresh` takes it up
standing-task = last task: { $status } { $message }
standing-schedule = schedule { $name }: { $when }
standing-on-request = only when asked for
standing-reads = reads { $names }
standing-used-by = used by { $names }
standing-used-by-nothing = nothing uses it
standing-left-out = full refreshes leave out { $what }: nothing uses it, and it was last changed or refreshed by name on { $since }, more than { $days } days ago (autoDeactivation)
# $line: a line that goes up and down. The other values are numbers.
standing-trend = { $line } over { $n ->
    [one] { $n } snapshot
   *[other] { $n } snapshots
}: first { $first }, last { $last }, smallest { $min }, greatest { $max }
segment-head = { $name }: { $n ->
    [one] { $n } member
   *[other] { $n } members
}
segment-no-members = no members
# $holds: yes or no.
segment-explain-head = { $holds ->
    [yes] { $name } takes customer { $id }
   *[no] { $name } does not take customer { $id }
}
segment-explain-differs = The published members say otherwise: they are those of the last refresh.
segment-explain-and = all of these
segment-explain-or = at least one of these
segment-explain-not = not
segment-explain-sql = a query: its conditions are not taken apart
segment-explain-rows = in { $n } of { $of ->
    [one] { $of } row
   *[other] { $of } rows
}
segment-estimate = { $n ->
    [one] { $n } customer
   *[other] { $n } customers
} of { $of }, { $percent } %, in snapshot { $snapshot }
segment-estimate-not-indexed = Counted from the entities, because the index cannot tell: { $why }
measure-kind = { $kind ->
    [business] business
    [customerAttribute] customer attribute
   *[customerMeasure] per customer
}
measure-rows = { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
customers-found = { $n ->
    [one] { $n } customer
   *[other] { $n } customers
}
