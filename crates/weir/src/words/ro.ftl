### Weir in Romanian. Follows en.ftl: same keys, same values, same [codes].
###
### Glosar: un singur cuvânt pentru fiecare lucru.
###   data source   sursă de date
###   entity        entitate
###   unification   unificare
###   profile       profil
###   measure       măsură
###   segment       segment
###   refresh       reîmprospătare
###   job, task     lucrare, sarcină
###   snapshot      instantaneu
###   threshold     prag
###   flow, run     flux, rulare
###   instance      instanță
###   definitions   definiții
### Nu se traduc: comenzile, opțiunile, numele de fișiere, ${…}, Weir.

## Everywhere

error = eroare
warning = avertisment
info = informație
help = ajutor
error-line = eroare: { $message }
seconds = { $n } s
percent = { $n } %
score = { $n }
unchanged = neschimbat
never = niciodată
snapshot = instantaneul { $snapshot }

## How things stand

task-status = { $status ->
    [queued] în așteptare
    [processing] în lucru
    [failedRetrying] eșuată, se va reîncerca
    [successful] reușită
    [completedWithWarnings] încheiată cu avertismente
    [completedWithErrors] încheiată cu erori
    [failedPermanent] eșuată
    [skipped] omisă
    [canceled] anulată
   *[other] { $status }
}
job-status = { $status ->
    [queued] în așteptare
    [running] în lucru
    [successful] reușită
    [completedWithWarnings] încheiată cu avertismente
    [failed] eșuată
    [canceled] anulată
   *[other] { $status }
}
run-status = { $status ->
    [Running] În lucru
    [Waiting] În așteptare
    [Succeeded] Reușită
    [Failed] Eșuată
    [Skipped] Omisă
    [TimedOut] Timp expirat
    [Cancelled] Anulată
   *[other] { $status }
}
delivery-status = { $status ->
    [pending] în așteptare
    [delivered] livrat
    [failed] eșuat
   *[other] { $status }
}
operation = { $operation ->
    [ingestion] citire
    [unification] unificare
    [activity] activități
    [attributeMeasures] măsuri de atribut
    [entityMeasures] măsuri de entitate
    [segmentation] segmentare
    [segmentMembership] apartenența la segmente
    [search] căutare
    [export] export
   *[other] { $operation }
}
submission = { $kind ->
    [onDemand] la cerere
    [scheduled] programată
   *[other] { $kind }
}
scope = { $kind ->
    [dataSource] sursa de date { $name }
    [unification] unificare
    [measure] măsura { $name }
    [segment] segmentul { $name }
    [export] exportul { $name }
   *[full] tot
}
scope-with = { $surroundings ->
    [upstream] { $what } cu tot ce citește
    [downstream] { $what } cu tot ce o folosește
   *[both] { $what } cu tot ce citește și tot ce o folosește
}
flow-state = { $state ->
    [on] pornit
    [waiting] oprit: are nevoie de conexiunea { $connections }
    [paused] în pauză
   *[off] oprit
}

## Heads of columns

column-action = ACȚIUNE
column-adds = ADAUGĂ
column-after = SEGMENT DUPĂ
column-alone = SINGURE
column-ambiguous = AMBIGUE
column-attribute = ATRIBUT
column-attributes = ATRIBUTE
column-average = MEDIE
column-before = ÎNAINTE
column-by = DE CĂTRE
column-calculation = CALCUL
column-change = SCHIMBARE
column-code = COD
column-compared = PERECHI COMPARATE
column-crossed = DEPĂȘIT
column-customer = CLIENT
column-ends = EXPIRĂ
column-ended = ÎNCHEIAT
column-entity = ENTITATE
column-error = EROARE
column-event = EVENIMENT
column-flow = FLUX
column-found = GĂSEȘTE
column-fulfilled-by = ÎNDEPLINITĂ DE
column-greatest = CEA MAI MARE
column-job = LUCRARE
column-key = CHEIE
column-left-out = OMISE
column-level = NIVEL
column-likely = PROBABILITATE
column-likely-matches = POTRIVIRI PROBABILE
column-matched = POTRIVITE
column-measure = MĂSURĂ
column-members = MEMBRI
column-kind = FEL
column-connector = CONECTOR
column-detail = DETALII
column-name = NUME
column-next-tick = URMĂTOAREA PORNIRE
column-of = PENTRU
column-only = DOAR AICI
column-other-customer = CELĂLALT CLIENT
column-outputs = IEȘIRI SAU EROARE
column-operation = OPERAȚIE
column-id = IDENTIFICATOR
column-asked = ÎNTREBAȚI
column-answers = AU RĂSPUNS
column-title = TITLU
column-failed = EȘUATE
column-hint = CE AJUTĂ
column-parameters = PARAMETRI
column-answered = RĂSPUNS DE LA
column-pairs = PERECHI
column-precision = PRECIZIE
column-record = ÎNREGISTRARE
column-refreshed = REÎMPROSPĂTAT
column-refused = REFUZATE
column-result = REZULTAT
column-role = ROL
column-rows = RÂNDURI
column-rule = REGULĂ
duplicate-made = { $name } se află în { $place }: modificați-l acolo, apoi rulați `weir apply`.
column-customers = CLIENȚI
column-segment = SEGMENT
column-share = PONDERE
column-run = RULARE
column-score = SCOR
column-smallest = CEA MAI MICĂ
column-snapshot = INSTANTANEU
column-stage = PAS
column-started = ÎNCEPUT
column-state = STARE
column-status = STARE
column-subject = SUBIECT
column-submitted = TRIMISĂ
column-task = SARCINĂ
column-threshold = PRAG
column-time = MOMENT
column-token = JETON
column-trend = EVOLUȚIE
column-tried = ÎNCERCATE
column-type = TIP
column-unique = UNICE
column-used-by = FOLOSIT DE
column-value = VALOARE
column-values = VALORI
column-version = VERSIUNE
column-applied = APLICATĂ
column-bytes = OCTEȚI
column-watches = URMĂREȘTE
column-what = CE S-A ÎNTÂMPLAT
column-why = DE CE
column-with-values = CU VALORI

## weir status

status-head = { $instance }, instantaneul { $snapshot }
status-nothing-applied = (nimic aplicat)
status-last-job = ultima lucrare { $job }: { $status }, { $ended }

## weir refresh

refresh-elsewhere = un alt proces lucrează la această instanță; el execută lucrarea
refresh-cancelling = se anulează; ultimul instantaneu rămâne valabil (întrerupeți din nou pentru oprire imediată)
refresh-ended = { $job }: { $status ->
    [successful] reușită{ $snapshot } ({ $message })
    [completedWithWarnings] încheiată cu avertismente{ $snapshot } ({ $message }); vedeți `weir status`
    [failed] eșuată{ $snapshot }: { $message }
    [canceled] anulată: { $message }
   *[other] { job-status }
}
refresh-snapshot = , instantaneul { $snapshot }

## weir jobs

jobs-show = { $job } pentru { $scope } ({ $by }): { $status } { $message }
jobs-will-stop = { $job } se va opri; ultimul instantaneu rămâne valabil
jobs-missing = nu există lucrarea { $job }
ended-already = { $what } s-a încheiat deja

## weir thresholds

thresholds-no-value = încă nicio valoare
thresholds-missing = nu există pragul { $name }
thresholds-preview = { $name }: ar fi fost depășit { $n ->
    [one] o dată
    [few] de { $n } ori
   *[other] de { $n } de ori
} pe parcursul a { $points ->
    [one] { $points } valoare
    [few] { $points } valori
   *[other] { $points } de valori
}

## weir unify

unify-report = unificarea instantaneului { $snapshot }: { $profiles ->
    [one] un profil
    [few] { $profiles } profiluri
   *[other] { $profiles } de profiluri
}, dintre care { $matched } cu înregistrări din mai multe entități
unify-rows-shown = { $n } din { $total ->
    [one] un rând
    [few] { $total } rânduri
   *[other] { $total } de rânduri
}
unify-which = { $which ->
    [withoutKey] Rânduri fără cheie primară; sunt omise
    [matched] Rânduri al căror client are un rând și în altă entitate
    [unmatchedKept] Rânduri fără potrivire, care sunt clienți de sine stătători
    [unmatchedDropped] Rânduri fără potrivire, care sunt omise
   *[other] { $which }
}
unify-stage = { $stage ->
    [deduplication] deduplicare
    [match] potrivire
   *[other] { $stage }
}
unify-preview = cu aceste definiții, peste instantaneul { $snapshot }: { $profiles ->
    [one] un profil
    [few] { $profiles } profiluri
   *[other] { $profiles } de profiluri
} (acum { $before }); nu s-a publicat nimic
unify-suggest-head = reguli sugerate din rândurile instantaneului { $snapshot }; nu s-a schimbat nimic
unify-suggest-step = { $step ->
    [reading] se citesc valorile
    [learning] se învață din date
    [comparing] se compară perechile
    [choosing] se aleg regulile
   *[trying] se încearcă regulile
}
unify-suggest-reason = { $kind ->
    [name] numele spune „{ $word }”
    [values] { $alike } din { $of } valori arată astfel
    [nameAndValues] numele spune „{ $word }”, { $alike } din { $of } valori arată astfel
   *[dataType] tipul datelor
}
unify-suggest-merged = { $n ->
    [one] o pereche s-ar uni
    [few] { $n } perechi s-ar uni
   *[other] { $n } de perechi s-ar uni
}
unify-suggest-not-merged = { $n ->
    [one] o pereche nu s-ar uni
    [few] { $n } perechi nu s-ar uni
   *[other] { $n } de perechi nu s-ar uni
}
unify-suggest-fails = { $attribute } nu se potrivește
unify-suggest-blocking = { $pairs ->
    [one] s-a comparat o pereche
    [few] s-au comparat { $pairs } perechi
   *[other] s-au comparat { $pairs } de perechi
} din { $possible } posibile; pot lipsi cel puțin circa { $missed } potriviri
unify-suggest-refused = „{ $value }” în { $rows ->
    [one] un rând
    [few] { $rows } rânduri
   *[other] { $rows } de rânduri
} ({ $reason ->
    [default] stă acolo unde nu se știe nimic
   *[common] prea frecventă
})
unify-suggest-part = { $part ->
    [first] prenume
    [last] nume de familie
    [names] nume
    [firstSound] sunetul prenumelui
    [lastSound] sunetul numelui de familie
    [initial] inițială
    [email] e-mail
    [user] e-mail înainte de @
    [phone] telefon
    [birth] data nașterii
    [birthYear] anul nașterii
    [postal] cod poștal
    [city] localitate
    [street] stradă
   *[extra] valoare
}
unify-suggest-note = { $code ->
    [noPeople] nicio entitate nu pare să fie despre oameni
    [keyMissing] { $entity } nu are o cheie primară dintr-un singur atribut, de care unificarea are nevoie
    [noSignals] { $entity } nu are atribute care deosebesc oamenii
    [nothingInCommon] { $entity } nu are atribute comune cu entitățile de deasupra
    [nothingAlikeWithin] aproape niciun rând din { $entity } nu pare să fie același client
    [nothingAlike] aproape niciun rând din { $entity } nu pare să fie un client al entităților de deasupra
   *[nothingPrecise] nicio regulă pentru { $entity } nu este destul de precisă; o precizie mai mică găsește mai mult
}
unify-suggest-next = weir unify suggest --yaml afișează aceste reguli ca secțiune pentru weir.yaml
unify-suggest-written = regulile sunt scrise în { $file }
unify-explain-one-or-two = întrebați despre unul sau doi: identificatori de clienți sau --record entitate:cheie
unify-customer = clientul { $id }
unify-nobody = { $record } este omis: nu aparține niciunui client
unify-profile = profilul
unify-more-records = { $n ->
    [one] și încă o înregistrare
    [few] și încă { $n } înregistrări
   *[other] și încă { $n } de înregistrări
}
unify-links = ce a adus înregistrările laolaltă
unify-alone = aici nicio regulă nu a adus nimic laolaltă
unify-same = ambii sunt același client; cele mai apropiate perechi ale înregistrărilor lor
unify-nearest = doi clienți; cele mai apropiate perechi ale înregistrărilor lor
unify-no-pair = nicio regulă nu compară înregistrările acestor doi
unify-decided = { $decided ->
    [alwaysMatch] s-a decis că acestea două se potrivesc întotdeauna
   *[neverMatch] s-a decis că acestea două nu se potrivesc niciodată
}
unify-rule = { $stage ->
    [deduplication] regula de deduplicare { $rule }
   *[match] regula de potrivire { $rule }
}: { $outcome ->
    [fulfilled] îndeplinită
    [failed] neîndeplinită
   *[excepted] toate condițiile sunt îndeplinite, dar se aplică o excepție
}
unify-score = scor { $score }
unify-probability = după probabilitate: { $probability }, necesar { $needed }
unify-prior = înainte de orice comparație
unify-weight = pondere { $n }
unify-of-needed = { $score }, necesar { $needed }
unify-without = { $why ->
    [missing] fără valoare
    [empty] nu rămâne nimic după normalizare
   *[bypassed] această valoare nu se folosește niciodată
}
unify-exception = excepția { $name }
unify-obstacle = { $code ->
    [inactive] dar regula nu este folosită
    [neverMatch] dar s-a decis că nu se potrivesc niciodată
    [earlierRule] dar regula anterioară { $rule } găsise { $partner }
    [otherPartner] dar { $partner } a fost o potrivire mai bună
    [tooFrequent] dar { $rows ->
        [one] un rând are
        [few] { $rows } rânduri au
       *[other] { $rows } de rânduri au
    } această valoare, așa că nu a fost folosită
   *[refused] dar ar uni rânduri care nu se potrivesc niciodată
}
unify-apart = { $code ->
    [belowThreshold] dar este mai puțin decât e necesar
    [neverMatch] dar s-a decis că rândurile acestor doi clienți nu se potrivesc niciodată
    [noSharedKey] dar nu au fost comparate: nu au nicio valoare comună după care se caută perechi
   *[cut] dar sunt legate de foarte multe alte rânduri, care au fost despărțite acolo unde seamănă cel mai puțin
}
unify-contradiction = dar { $one } și { $other } diferă la { $what }, ceea ce la un singur client nu se întâmplă aproape niciodată
unify-other-rows = dar clienții în ansamblu nu seamănă destul: ponderea medie { $mean }, necesar { $needed }; cel mai mult împotrivă: { $one } — { $other }, pondere { $weight }
unify-closer = { $row } al aceluiași client a fost o potrivire mai bună
unify-too-frequent = dar nu au fost comparate: { $rows ->
    [one] un rând are
    [few] { $rows } rânduri au
   *[other] { $rows } de rânduri au
} valoarea lor comună ({ $key }), iar maximul este { $most }
unify-pinned = { $n ->
    [one] un rând este fixat
    [few] { $n } rânduri sunt fixate
   *[other] { $n } de rânduri sunt fixate
} la clientul { $id }
unify-unmerged = { $n ->
    [one] un rând al clientului { $old } va fi
    [few] { $n } rânduri ale clientului { $old } vor fi
   *[other] { $n } de rânduri ale clientului { $old } vor fi
} clientul { $id }; { $kept ->
    [one] rămâne un rând
    [few] rămân { $kept } rânduri
   *[other] rămân { $kept } de rânduri
}
unify-unpinned = { $n ->
    [one] un rând nu mai este fixat
    [few] { $n } rânduri nu mai sunt fixate
   *[other] { $n } de rânduri nu mai sunt fixate
}
unify-next-refresh = mai departe: weir refresh
unify-not-pinned = rândul { $row } nu este fixat; nu s-a schimbat nimic
unify-since = are acest identificator din { $at }
unify-leads-to = duce la: { $ids }
unify-leads-nowhere = nimeni; toate rândurile sale au dispărut
lineage-event = { $event ->
    [created] creat
    [mergedInto] contopit cu
    [splitFrom] separat de
    [retired] retras
    [returned] revenit
    [pinned] fixat manual, de la
   *[other] { $event }
}

## weir flow

flow-off = fluxul { $flow } este oprit
flow-run = { $run } a fluxului { $flow }: { $status }
flow-run-started = pornită { $started } de { $origin }
flow-run-missing = nu există rularea { $run }
flow-will-stop = { $run } se va opri
approval-subject = Este nevoie de aprobare: { $title }
approval-reminder-subject = Încă așteptăm răspunsul dvs.: { $title }
approval-open = Vedeți și răspundeți
approval-yours-alone = Acest link este doar al dvs. Deschiderea lui nu decide încă nimic.
approval-none = Aici nu este nimic de decis.
approval-too-late = S-a decis deja sau fluxul nu mai așteaptă.
approval-you-said = Ați răspuns: { $answer }.
approval-outcome = Rezultat: { $outcome }.
approval-comments = Comentarii
approvals-none-waits = nicio aprobare nu așteaptă
approval-taken = { $taken ->
    [noted] notat; ceilalți mai au de răspuns
    [decided] decis; fluxul continuă
    [before] { $person } răspunsese deja; contează primul răspuns
   *[tooLate] s-a decis mai înainte sau fluxul nu mai așteaptă
}
mail-paused-subject = Fluxul { $flow } eșuează mereu și este în pauză
mail-paused = Toate cele { $failures } rulări ale fluxului { $flow } din { $since } au eșuat, așa că este în pauză: declanșatorul lui nu mai pornește rulări.
mail-paused-next = Reparați cauza, apoi porniți-l: weir flow on { $flow }. Ce s-a pierdut se poate repeta: weir flow resubmit --failed-of { $flow }.
mail-digest-subject = { $count ->
    [one] { $count } flux a eșuat
    [few] { $count } fluxuri au eșuat
   *[other] { $count } de fluxuri au eșuat
}
failure-hint = { $hint ->
    [connection] reparați conexiunea, apoi retrimiteți
    [action] reparați acțiunea: cere ceva greșit
    [later] cealaltă parte a eșuat: retrimiteți mai târziu
    [expression] o expresie nu are valoare: probați fluxul cu această rulare
   *[look] vedeți rularea
}
flow-took-over = { $run } preia de la { $old }
flow-not-started = { $old } nu a fost preluată: fluxul este oprit sau declanșatorul lui cere altceva
flow-nothing-to-resubmit = nicio rulare a acestui flux nu a eșuat
flow-tried = o probă a fluxului { $flow }: { $status }; nu s-a trimis nimic
flow-held-back = { $count ->
    [0] Niciun apel nu a fost reținut.
    [one] { $count } apel a fost reținut:
    [few] { $count } apeluri au fost reținute:
   *[other] { $count } de apeluri au fost reținute:
}
flow-answered = { $by ->
    [given] răspunsul dat
    [past] rularea trecută
   *[assumed] un succes presupus
}
flow-missing = nu există fluxul { $flow }
flow-no-findings = { $file }: nicio constatare
import-flow = { $state ->
    [written] { $title } este acum { $file }
    [dryRun] { $title } ar deveni { $file }
    [exists] { $title } a fost omis: { $file } există deja (--force îl suprascrie, --name îi dă alt nume)
   *[wrong] { $title } a fost omis: are greșeli; `weir flow draft save { $name } FILE` îl păstrează ca ciornă
}
import-need = { $state ->
    [mapped] {"  "}conexiunea { $key } ({ $connector }): există
    [open] {"  "}conexiunea { $key } ({ $connector }): alegeți-o pe a dvs. cu --map { $key }=NAME; de tipul { $kind } sunt { $choices }
    [none] {"  "}conexiunea { $key } ({ $connector }): nu există încă una de tipul { $kind }; adăugați una sub `connections:` și numiți-o cu --map { $key }=NAME
   *[unknown] {"  "}conexiunea { $key } ({ $connector }): aici nu există un astfel de conector; dați rezultate statice acestor acțiuni: { $actions }
}
import-unknown-key = {"  "}--map { $key }: fluxul nu are o astfel de conexiune
import-secret = { $state ->
    [moved] {"  "}secret la { $place } ({ $pointer }): acum în grija seifului ca { $name }
   *[there] {"  "}secret la { $place } ({ $pointer })
}
import-set-secrets = {"  "}Acum păstrați secretele; fiecare este citit de la intrarea standard:
import-move-secrets = {"  "}--move-secrets pune în locul lor referințe către seif.
import-stripped = {"  "}eliminate: { $places }
import-note = { $code ->
    [classicWorkflow] omis: { $about } este un flux de lucru clasic ({ $path })
    [desktopFlow] omis: { $about } este un flux desktop ({ $path })
    [otherWorkflow] omis: { $about } nu este un flux cloud ({ $path })
    [templateExpression] { $path }: această expresie a șablonului rămâne cum este: { $about }
    [placeholder] { $path }: substituentul șablonului a devenit { $about }
    [notUtf8] omis: { $path } nu este text UTF-8
   *[notJson] omis: { $path } nu este JSON: { $about }
}
import-apply = `weir apply` le face fluxuri ale instanței. Un flux rămâne oprit până când conexiunile lui există.
flow-exported = s-a scris { $file }
flow-exported-secrets = Atenție: secrete scrise în el: { $n }
version-present = actuală
diff-same = Documentele sunt la fel.
diff-part = { $change ->
    [added] { $part } { $name }: adăugat
    [removed] { $part } { $name }: eliminat
    [moved] { $part } { $name }: mutat
   *[changed] { $part } { $name }: schimbat
}
flow-restored = { $state ->
    [applied] { $flow } este din nou la versiunea { $version } ({ $file })
   *[written] versiunea { $version } a fluxului { $flow } a fost scrisă în { $file }; definițiile au și alte schimbări, așa că apelați dvs. `weir apply`
}
draft-missing = nu există nicio ciornă pentru { $flow }
draft-saved = { $state ->
    [right] ciorna fluxului { $flow } este corectă
   *[wrong] ciorna fluxului { $flow } are greșeli; este păstrată, dar nu poate fi publicată
}
draft-discarded = ciorna fluxului { $flow } a fost ștearsă

## weir query

query-written = { $n ->
    [one] un rând scris
    [few] { $n } rânduri scrise
   *[other] { $n } de rânduri scrise
} în { $file }

## weir connection

connection-missing = nu există conexiunea { $name }
connection-result = { $result ->
    [works] funcționează
    [unknown] netestată
    [failed] nu funcționează
   *[other] { $result }
}
connector-missing = nu există conectorul { $name }

## weir secret

secret-stored = salvat; folosiți-l ca { $reference }
secret-removed = { $name } a fost șters
secret-missing = nu există secretul { $name }

## weir token

token-created = jetonul { $name } ({ $role }) este valabil până la { $end }; se afișează doar acum:
token-state = { $state ->
    [live] valabil
    [revoked] revocat
    [ended] expirat
   *[other] { $state }
}
token-missing = nu există un jeton valabil { $token }
token-revoked = jetonul { $name } a fost revocat

## weir init

init-taken = există deja: { $files }; nu s-a scris nimic
init-made = s-au creat { $files } în { $folder }
init-next = mai departe: { $commands }

## weir check, apply, export

n-sources = { $sources ->
    [one] o sursă de date
    [few] { $sources } surse de date
   *[other] { $sources } de surse de date
}
n-measures = { $measures ->
    [one] o măsură
    [few] { $measures } măsuri
   *[other] { $measures } de măsuri
}
n-segments = { $segments ->
    [one] un segment
    [few] { $segments } segmente
   *[other] { $segments } de segmente
}
n-thresholds = { $thresholds ->
    [one] un prag
    [few] { $thresholds } praguri
   *[other] { $thresholds } de praguri
}
n-flows = { $flows ->
    [one] un flux
    [few] { $flows } fluxuri
   *[other] { $flows } de fluxuri
}
check-right = definițiile instanței { $instance }: { n-sources }, { n-measures }, { n-segments }, { n-thresholds }, { n-flows }: nicio eroare
check-wrong = { $n ->
    [one] o problemă
    [few] { $n } probleme
   *[other] { $n } de probleme
}; nu s-a aplicat nimic
check-more = … și încă { $n }
apply-not-confirmed = planul șterge ceva: vedeți-l cu `weir plan`, apoi `weir apply --yes`
apply-ask = aplicați? [y/N]
apply-done = aplicat; mai departe: weir refresh
export-wrote = s-au scris { $files } în { $folder }
export-paths = căile surselor de date pornesc din { $folder }: corectați-le aici
export-other-flows = în dosar există fluxuri care nu sunt aplicate; au fost lăsate neatinse

## weir serve

serve-listening = weir rulează la { $address }; Ctrl-C îl oprește

## weir doctor

doctor-check = { $check ->
    [definitions] definiții
    [data-folder] dosar de date
    [clock] ceas
    [state] stare
    [entities] entități
    [secrets] secrete
    [refresh] reîmprospătare
    [schedule] program
   *[other] { $check }
}
doctor-fix-line = remediu: { $fix }
doctor-definitions-right = { $instance } este în regulă
doctor-definitions-fix = rulați `weir check` ca să vedeți toate greșelile
doctor-folder-right = în { $folder } se poate scrie
doctor-folder-fix = dați acestui utilizator dreptul de a scrie acolo sau alegeți alt dosar cu --data
doctor-clock-wrong = { $now } este înainte de crearea acestui program
doctor-clock-fix = potriviți ceasul, de preferat prin NTP
doctor-state-right = weir.db este intact
doctor-state-fix = rulați `weir apply`, apoi `weir refresh`
doctor-restore = restaurați dosarul de date dintr-o copie de rezervă
doctor-entities-right = { $n ->
    [one] o entitate
    [few] { $n } entități
   *[other] { $n } de entități
} la instantaneul { $snapshot }
doctor-secrets-right = { $n ->
    [one] o conexiune are tot ce îi trebuie
    [few] { $n } conexiuni au tot ce le trebuie
   *[other] { $n } de conexiuni au tot ce le trebuie
}
doctor-secrets-fix = salvați-l cu `weir secret set NAME` sau setați variabila de mediu
doctor-restore-key = restaurați secret.key dintr-o copie de rezervă
doctor-apply-again = rulați din nou `weir apply`
doctor-never-refreshed = încă nu s-a reîmprospătat nimic
doctor-refresh-first = rulați `weir refresh`
doctor-refresh-failed = ultima a eșuat: { $message }
doctor-refresh-fix = vedeți `weir status`, reparați sursa, apoi `weir refresh`
doctor-refresh-right = ultima este: { $status }
doctor-see-log = vedeți jurnalul
doctor-overdue = lucrul din coada { $queue } așteaptă din { $due }
doctor-overdue-fix = țineți `weir serve` pornit
doctor-schedule-right = nimic nu întârzie
doctor-no-schedule = nu este definit niciun program

## weir demo

demo-opening =
    Un magazin, un program de loialitate și un partener cunosc aceiași oameni, fiecare în felul lui.
    Creat în { $folder }:
    { $people ->
        [one] o persoană
        [few] { $people } persoane
       *[other] { $people } de persoane
    } ca { $contacts ->
        [one] un contact al magazinului
        [few] { $contacts } contacte ale magazinului
       *[other] { $contacts } de contacte ale magazinului
    }, { $members ->
        [one] un membru loial
        [few] { $members } membri loiali
       *[other] { $members } de membri loiali
    } și { $partners ->
        [one] un rând
        [few] { $partners } rânduri
       *[other] { $partners } de rânduri
    } din lista unui partener,
    cu greșeli de scriere, porecle, nume inversate, valori lipsă și valori greșite; { $orders ->
        [one] o comandă
        [few] { $orders } comenzi
       *[other] { $orders } de comenzi
    } și { $returns ->
        [one] un retur
        [few] { $returns } retururi
       *[other] { $returns } de retururi
    }.

    Prima reîmprospătare
demo-first =
    Din { $rows ->
        [one] un rând
        [few] { $rows } rânduri
       *[other] { $rows } de rânduri
    } s-a ajuns la { $profiles ->
        [one] un profil
        [few] { $profiles } profiluri
       *[other] { $profiles } de profiluri
    } în { $seconds } s. Datele sunt inventate, deci adevărul este cunoscut: { $people ->
        [one] o persoană
        [few] { $people } persoane
       *[other] { $people } de persoane
    }.
    Dintre perechile de rânduri alăturate, { $precision } % chiar sunt ale aceleiași persoane; dintre cele care sunt, { $recall } % au fost alăturate.
demo-change =
    Peste noapte: { $contacts ->
        [one] un contact nou
        [few] { $contacts } contacte noi
       *[other] { $contacts } de contacte noi
    } și { $orders ->
        [one] o comandă nouă
        [few] { $orders } comenzi noi
       *[other] { $orders } de comenzi noi
    }.

    A doua reîmprospătare
demo-not-crossed = Nu a fost depășit niciun prag; nu pentru asta este demonstrația.
demo-flow = fluxul { $flow }: { $status }
demo-card = Card în Teams
demo-no-card = nu a sosit niciun card Teams
demo-mail = Mesaj: { $subject }
demo-no-mail = nu a sosit niciun mesaj
demo-look-around = Totul a durat { $seconds } s. Uitați-vă în jur (cd { $folder }):
demo-serving = rulează la { $address } (stare, metrici); Ctrl-C îl oprește

customer-head = Clientul { $id }
customer-no-segments = în niciun segment
customer-segments = Segmente: { $names }
customer-timeline = Cronologie: { $types }
customer-more = Mai sunt: --skip și --top.

profile-rows = RÂNDURI
profile-missing = LIPSĂ
profile-distinct = DIFERITE
profile-smallest = CEA MAI MICĂ
profile-largest = CEA MAI MARE
profile-frequent = CELE MAI FRECVENTE
profile-none = nu există un profil pentru { $entity }: indicați o entitate a unei surse de date cu numele ei complet și reîmprospătați-o mai întâi

## weir segment and weir measure

reference = { $kind ->
    [entity] entitatea { $name }
    [measure] măsura { $name }
    [segment] segmentul { $name }
    [threshold] pragul { $name }
    [export] exportul { $name }
   *[flow] fluxul { $name }
}
standing-state = { $state ->
    [active] activ
    [inactive] inactiv
    [draft] ciornă
   *[static] doar la cerere
}
standing-no-result = { $name }: încă niciun rezultat
standing-tags = etichete: { $tags }
standing-refreshed = reîmprospătat la { $at }
standing-outdated = definiția s-a schimbat de atunci; `weir refresh` o ia în seamă
standing-task = ultima sarcină: { $status } { $message }
standing-schedule = programarea { $name }: { $when }
standing-on-request = doar la cerere
standing-reads = citește { $names }
standing-used-by = folosit de { $names }
standing-used-by-nothing = nimic nu îl folosește
standing-left-out = reîmprospătările complete omit { $what }: nimic nu folosește acest element, iar ultima modificare sau reîmprospătare după nume este din { $since }, acum mai mult de { $days } zile (autoDeactivation)
standing-trend = { $line } în { $n ->
    [one] { $n } instantaneu
    [few] { $n } instantanee
   *[other] { $n } de instantanee
}: prima valoare { $first }, ultima { $last }, cea mai mică { $min }, cea mai mare { $max }
segment-head = { $name }: { $n ->
    [one] un membru
    [few] { $n } membri
   *[other] { $n } de membri
}
segment-no-members = niciun membru
segment-explain-head = { $holds ->
    [yes] { $name } cuprinde clientul { $id }
   *[no] { $name } nu cuprinde clientul { $id }
}
segment-explain-differs = Membrii publicați spun altceva: sunt cei de la ultima reîmprospătare.
segment-explain-and = toate acestea
segment-explain-or = cel puțin una dintre acestea
segment-explain-not = nu
segment-explain-sql = o interogare: condițiile ei nu sunt desfăcute una câte una
segment-explain-rows = în { $n } din { $of ->
    [one] un rând
    [few] { $of } rânduri
   *[other] { $of } de rânduri
}
segment-estimate = { $n ->
    [one] un client
    [few] { $n } clienți
   *[other] { $n } de clienți
} din { $of }, { $percent } %, în instantaneul { $snapshot }
segment-estimate-not-indexed = Numărat din entități, fiindcă indexul nu poate spune: { $why }
measure-kind = { $kind ->
    [business] a afacerii
    [customerAttribute] atribut al clientului
   *[customerMeasure] pentru fiecare client
}
measure-rows = { $n ->
    [one] un rând
    [few] { $n } rânduri
   *[other] { $n } de rânduri
}
customers-found = { $n ->
    [one] { $n } client
    [few] { $n } clienți
   *[other] { $n } de clienți
}
