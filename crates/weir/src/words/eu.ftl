### Weir in Basque. Follows en.ftl: same keys, same values, same [codes].
###
### Glosarioa: hitz bat gauza bakoitzeko.
###   data source   datu-iturburua
###   entity        entitatea
###   unification   bateratzea
###   profile       profila
###   measure       neurria
###   segment       segmentua
###   refresh       freskatzea
###   job, task     lana, ataza
###   snapshot      argazkia
###   threshold     atalasea
###   flow, run     fluxua, exekuzioa
###   instance      instantzia
###   definitions   definizioak
### Ez dira itzultzen: komandoak, aukerak, fitxategi-izenak, ${…}, Weir.

## Everywhere

error = errorea
warning = abisua
info = informazioa
help = laguntza
error-line = errorea: { $message }
seconds = { $n } s
percent = % { $n }
score = { $n }
unchanged = aldaketarik gabe
never = inoiz ez
snapshot = { $snapshot }. argazkia

## How things stand

task-status = { $status ->
    [queued] ilaran
    [processing] prozesatzen
    [failedRetrying] huts egin du, berriro saiatuko da
    [successful] ondo
    [completedWithWarnings] abisuekin amaituta
    [completedWithErrors] erroreekin amaituta
    [failedPermanent] huts egin du
    [skipped] saltatuta
    [canceled] bertan behera utzita
   *[other] { $status }
}
job-status = { $status ->
    [queued] ilaran
    [running] abian
    [successful] ondo
    [completedWithWarnings] abisuekin amaituta
    [failed] huts egin du
    [canceled] bertan behera utzita
   *[other] { $status }
}
run-status = { $status ->
    [Running] Abian
    [Waiting] Zain
    [Succeeded] Ondo
    [Failed] Huts egin du
    [Skipped] Saltatuta
    [TimedOut] Denbora agortuta
    [Cancelled] Bertan behera utzita
   *[other] { $status }
}
delivery-status = { $status ->
    [pending] zain
    [delivered] entregatuta
    [failed] huts egin du
   *[other] { $status }
}
operation = { $operation ->
    [ingestion] irakurketa
    [unification] bateratzea
    [activity] jarduerak
    [attributeMeasures] atributu-neurriak
    [entityMeasures] entitate-neurriak
    [segmentation] segmentazioa
    [segmentMembership] segmentuetako kidetza
    [search] bilaketa
    [export] esportazioa
   *[other] { $operation }
}
submission = { $kind ->
    [onDemand] eskatuta
    [scheduled] programatuta
   *[other] { $kind }
}
scope = { $kind ->
    [dataSource] { $name } datu-iturburua
    [unification] bateratzea
    [measure] { $name } neurria
    [segment] { $name } segmentua
    [export] { $name } esportazioa
   *[full] dena
}
scope-with = { $surroundings ->
    [upstream] { $what }, irakurtzen duenarekin
    [downstream] { $what }, hura irakurtzen duenarekin
   *[both] { $what }, irakurtzen duenarekin eta hura irakurtzen duenarekin
}
flow-state = { $state ->
    [on] aktibatuta
    [waiting] itzalita: { $connections } konexioa behar du
    [paused] pausatuta
   *[off] desaktibatuta
}

## Heads of columns

column-action = EKINTZA
column-adds = GEHITZEN DU
column-after = SEGMENTUA ONDOREN
column-alone = BAKARRIK
column-ambiguous = ANBIGUOAK
column-attribute = ATRIBUTUA
column-attributes = ATRIBUTUAK
column-average = BATEZBESTEKOA
column-before = LEHEN
column-by = NORK
column-calculation = KALKULUA
column-change = ALDAKETA
column-code = KODEA
column-compared = KONPARATUTAKO BIKOTEAK
column-crossed = GURUTZATUTA
column-customer = BEZEROA
column-ends = NOIZ ARTE
column-ended = AMAIERA
column-entity = ENTITATEA
column-error = ERROREA
column-event = GERTAERA
column-flow = FLUXUA
column-found = AURKITZEN DU
column-fulfilled-by = BETETZEN DUTENAK
column-greatest = HANDIENA
column-job = LANA
column-key = GAKOA
column-left-out = KANPOAN
column-level = MAILA
column-likely = PROBABILITATEA
column-likely-matches = BALIZKO BIKOTEAK
column-matched = BAT ETORRITA
column-measure = NEURRIA
column-members = KIDEAK
column-kind = MOTA
column-connector = KONEKTOREA
column-detail = XEHETASUNAK
column-name = IZENA
column-next-tick = HURRENGO ABIATZEA
column-of = ESPARRUA
column-only = HEMEN SOILIK
column-other-customer = BESTE BEZEROA
column-outputs = IRTEERA EDO ERROREA
column-operation = ERAGIKETA
column-id = IDENTIFIKATZAILEA
column-asked = GALDETUTAKOAK
column-answers = ERANTZUNDAKOAK
column-title = IZENBURUA
column-failed = HUTS EGINDA
column-hint = ZERK LAGUNTZEN DU
column-parameters = PARAMETROAK
column-answered = NORK ERANTZUN DUEN
column-pairs = BIKOTEAK
column-precision = ZEHAZTASUNA
column-record = ERREGISTROA
column-refreshed = FRESKATUTA
column-refused = BAZTERTUTA
column-result = EMAITZA
column-role = ROLA
column-rows = ERRENKADAK
column-rule = ARAUA
duplicate-made = { $name } hemen dago: { $place }. Alda ezazu bertan, eta exekutatu `weir apply`.
column-customers = BEZEROAK
column-segment = SEGMENTUA
column-share = ZATIA
column-run = EXEKUZIOA
column-score = PUNTUAZIOA
column-smallest = TXIKIENA
column-snapshot = ARGAZKIA
column-stage = URRATSA
column-started = HASIERA
column-state = EGOERA
column-status = EGOERA
column-subject = GAIA
column-submitted = BIDALKETA
column-task = ATAZA
column-threshold = ATALASEA
column-time = UNEA
column-token = TOKENA
column-trend = JOERA
column-tried = PROBATUTA
column-type = MOTA
column-unique = BAKARRAK
column-used-by = ERABILTZAILEAK
column-value = BALIOA
column-values = BALIOAK
column-version = BERTSIOA
column-applied = APLIKATUA
column-bytes = BYTEAK
column-watches = ZER ZAINTZEN DU
column-what = ZER GERTATU DA
column-why = ZERGATIK
column-with-values = BALIODUNAK

## weir status

status-head = { $instance }, { $snapshot }. argazkia
status-nothing-applied = (ez da ezer aplikatu)
status-last-job = azken lana { $job }: { $status }, { $ended }

## weir refresh

refresh-elsewhere = beste prozesu bat ari da instantzia honetan; hark exekutatuko du lana
refresh-cancelling = bertan behera uzten; azken argazkiak indarrean dirau (eten berriro berehala gelditzeko)
refresh-ended = { $job }: { $status ->
    [successful] ondo{ $snapshot } ({ $message })
    [completedWithWarnings] abisuekin amaituta{ $snapshot } ({ $message }); ikusi `weir status`
    [failed] huts egin du{ $snapshot }: { $message }
    [canceled] bertan behera utzita: { $message }
   *[other] { job-status }
}
refresh-snapshot = , { $snapshot }. argazkia

## weir jobs

jobs-show = { $job }, esparrua: { $scope } ({ $by }): { $status } { $message }
jobs-will-stop = { $job } geldituko da; azken argazkiak indarrean dirau
jobs-missing = ez dago { $job } lanik
ended-already = { $what } amaituta dago jada

## weir thresholds

thresholds-no-value = baliorik ez oraindik
thresholds-missing = ez dago { $name } atalaserik
thresholds-preview = { $name }: { $n ->
    [one] behin
   *[other] { $n } aldiz
} gurutzatuko zatekeen, { $points ->
    [one] balio baten buruan
   *[other] { $points } balioren buruan
}

## weir unify

unify-report = { $snapshot } argazkiaren bateratzea: { $profiles ->
    [one] profil bat
   *[other] { $profiles } profil
}; entitate bat baino gehiagoko erregistroak dituztenak: { $matched }
unify-rows-shown = { $total ->
    [one] errenkada bakarretik
   *[other] { $total } errenkadatik
} { $n }
unify-which = { $which ->
    [withoutKey] Gako nagusirik gabeko errenkadak; kanpoan gelditu dira
    [matched] Bezeroak beste entitate batean ere errenkada duen errenkadak
    [unmatchedKept] Ezerekin bat ez datozen errenkadak, bezero berezi direnak
    [unmatchedDropped] Ezerekin bat ez datozen errenkadak, kanpoan gelditu direnak
   *[other] { $which }
}
unify-stage = { $stage ->
    [deduplication] bikoiztuak kentzea
    [match] bat etortzea
   *[other] { $stage }
}
unify-preview = definizio hauekin, { $snapshot } argazkiaren gainean: { $profiles ->
    [one] profil bat
   *[other] { $profiles } profil
} (orain { $before }); ez da ezer argitaratu
unify-suggest-head = { $snapshot } argazkiaren errenkadetatik proposatutako arauak; ez da ezer aldatu
unify-suggest-step = { $step ->
    [reading] balioak irakurtzen
    [learning] datuetatik ikasten
    [comparing] bikoteak alderatzen
    [choosing] arauak hautatzen
   *[trying] arauak probatzen
}
unify-suggest-reason = { $kind ->
    [name] izenak “{ $word }” dio
    [values] { $of } baliotik { $alike } halakoak dira
    [nameAndValues] izenak “{ $word }” dio, { $of } baliotik { $alike } halakoak dira
   *[dataType] datu mota
}
unify-suggest-merged = { $n ->
    [one] bikote bat batuko litzateke
   *[other] { $n } bikote batuko lirateke
}
unify-suggest-not-merged = { $n ->
    [one] bikote bat ez litzateke batuko
   *[other] { $n } bikote ez lirateke batuko
}
unify-suggest-fails = { $attribute } ez dator bat
unify-suggest-blocking = { $possible } bikote posibletatik { $pairs ->
    [one] bikote bat alderatu da
   *[other] { $pairs } bikote alderatu dira
}; gutxienez { $missed } bat bikote galdu daitezke
unify-suggest-refused = “{ $value }”, { $rows ->
    [one] errenkada batean
   *[other] { $rows } errenkadatan
} ({ $reason ->
    [default] ezer ez dakiten lekuan dago
   *[common] arruntegia
})
unify-suggest-part = { $part ->
    [first] izena
    [last] abizena
    [names] izen-abizenak
    [firstSound] izenaren hotsa
    [lastSound] abizenaren hotsa
    [initial] hasierako letra
    [email] helbide elektronikoa
    [user] helbide elektronikoa @ aurretik
    [phone] telefonoa
    [birth] jaioteguna
    [birthYear] jaioturtea
    [postal] posta-kodea
    [city] herria
    [street] kalea
   *[extra] balioa
}
unify-suggest-note = { $code ->
    [noPeople] ez dirudi entitate bat ere pertsonei buruzkoa denik
    [keyMissing] { $entity } entitateak ez du atributu bakarreko gako nagusirik, eta bateratzeak behar du
    [noSignals] { $entity } entitateak ez du pertsonak bereizten dituen atributurik
    [nothingInCommon] { $entity } entitateak ez du gaineko entitateekin atributu komunik
    [nothingAlikeWithin] { $entity } entitatean ia ez dago bezero bera dirudien errenkadarik
    [nothingAlike] { $entity } entitatean ia ez dago gaineko entitateetako bezero dirudien errenkadarik
   *[nothingPrecise] { $entity } entitaterako ez dago arau nahiko zehatzik; zehaztasun txikiagoak gehiago aurkitzen du
}
unify-suggest-next = weir unify suggest --yaml aginduak arau hauek weir.yaml fitxategirako atal gisa ematen ditu
unify-suggest-written = arauak { $file } fitxategian idatzi dira
unify-explain-one-or-two = galdetu bati edo biri buruz: bezeroen identifikatzaileak, edo --record entitatea:gakoa
unify-customer = { $id } bezeroa
unify-nobody = { $record } kanpoan gelditu da: ez da inongo bezerorena
unify-profile = profila
unify-more-records = { $n ->
    [one] eta beste erregistro bat
   *[other] eta beste { $n } erregistro
}
unify-links = zerk elkartu dituen erregistroak
unify-alone = hemen arau batek ere ez du ezer elkartu
unify-same = biak bezero bera dira; haien erregistroen bikote hurbilenak
unify-nearest = bi bezero dira; haien erregistroen bikote hurbilenak
unify-no-pair = arau batek ere ez ditu bi hauen erregistroak konparatzen
unify-decided = { $decided ->
    [alwaysMatch] jendeak erabaki du bi hauek beti bat datozela
   *[neverMatch] jendeak erabaki du bi hauek inoiz ez datozela bat
}
unify-rule = { $stage ->
    [deduplication] bikoiztuen araua { $rule }
   *[match] bat etortzeko araua { $rule }
}: { $outcome ->
    [fulfilled] beteta
    [failed] ez da betetzen
   *[excepted] baldintza guztiak betetzen dira, baina salbuespen bat aplikatzen da
}
unify-score = puntuazioa { $score }
unify-probability = probabilitatearen arabera: { $probability }, beharrezkoa { $needed }
unify-prior = ezer konparatu aurretik
unify-weight = pisua { $n }
unify-of-needed = { $score }, beharrezkoa { $needed }
unify-without = { $why ->
    [missing] baliorik ez
    [empty] normalizatu ondoren ez da ezer gelditzen
   *[bypassed] balio hau ez da inoiz erabiltzen
}
unify-exception = { $name } salbuespena
unify-obstacle = { $code ->
    [inactive] baina araua ez da erabiltzen
    [neverMatch] baina jendeak erabaki du inoiz ez datozela bat
    [earlierRule] baina lehenagoko { $rule } arauak { $partner } aurkitua zuen
    [otherPartner] baina { $partner } hobea zen
    [tooFrequent] baina { $rows ->
        [one] errenkada batek du
       *[other] { $rows } errenkadak dute
    } balio hau, eta ez da erabili
   *[refused] baina inoiz bat ez datozen errenkadak elkartuko lituzke
}
unify-apart = { $code ->
    [belowThreshold] baina hori behar dena baino gutxiago da
    [neverMatch] baina jendeak erabaki du bi bezero hauen errenkadak inoiz ez datozela bat
    [noSharedKey] baina ez dira inoiz konparatu: ez dute bikoteak bilatzeko baliorik partekatzen
   *[cut] baina beste errenkada askorekin lotuta daude, eta antz gutxien duten tokian moztu dira
}
unify-contradiction = baina { $one } eta { $other } honetan ez datoz bat: { $what }; bezero batean hori ia ez da gertatzen
unify-other-rows = baina bezeroak oro har ez dira nahikoa antzekoak: batez besteko pisua { $mean }, beharrezkoa { $needed }; gehien aurka: { $one } — { $other }, pisua { $weight }
unify-closer = bezero bereko { $row } hobea zen
unify-too-frequent = baina ez dira inoiz konparatu: { $rows ->
    [one] errenkada batek du
   *[other] { $rows } errenkadak dute
} partekatzen duten balioa ({ $key }), eta gehienez { $most } izan daitezke
unify-pinned = { $n ->
    [one] errenkada bat lotu da
   *[other] { $n } errenkada lotu dira
} { $id } bezeroarekin
unify-unmerged = { $old } bezeroaren { $n ->
    [one] errenkada bat
   *[other] { $n } errenkada
} { $id } bezeroa izango da; { $kept ->
    [one] errenkada bat gelditzen da
   *[other] { $kept } errenkada gelditzen dira
}
unify-unpinned = { $n ->
    [one] errenkada bat ez dago jada lotuta
   *[other] { $n } errenkada ez daude jada lotuta
}
unify-next-refresh = hurrengoa: weir refresh
unify-not-pinned = { $row } errenkada ez dago lotuta; ez da ezer aldatu
unify-since = identifikatzaile hau noiztik: { $at }
unify-leads-to = nora darama: { $ids }
unify-leads-nowhere = inorengana ere ez; bere errenkada guztiak joan dira
lineage-event = { $event ->
    [created] sortua
    [mergedInto] honekin bateratua
    [splitFrom] honetatik bereizia
    [retired] erretiratua
    [returned] itzulia
    [pinned] eskuz lotua, hemendik
   *[other] { $event }
}

## weir flow

flow-off = { $flow } fluxua desaktibatuta dago
flow-run = { $run }, fluxua { $flow }: { $status }
flow-run-started = hasiera: { $started }; abiarazlea: { $origin }
flow-run-missing = ez dago { $run } exekuziorik
flow-will-stop = { $run } geldituko da
approval-subject = Onespena behar da: { $title }
approval-reminder-subject = Zure erantzunaren zain: { $title }
approval-open = Ikusi eta erantzun
approval-yours-alone = Esteka hau zurea baino ez da. Irekitzeak ez du oraindik ezer erabakitzen.
approval-none = Hemen ez dago zer erabakirik.
approval-too-late = Erabaki da jada, edo fluxuak ez du gehiago itxaroten.
approval-you-said = Zure erantzuna: { $answer }.
approval-outcome = Emaitza: { $outcome }.
approval-comments = Iruzkinak
approvals-none-waits = ez dago onespenik zain
approval-taken = { $taken ->
    [noted] jasota; besteek erantzun behar dute oraindik
    [decided] erabakita; fluxuak aurrera egiten du
    [before] { $person } lehenago erantzun zuen; lehen erantzuna da baliozkoa
   *[tooLate] lehenago erabaki zen, edo fluxuak ez du gehiago itxaroten
}
mail-paused-subject = { $flow } fluxuak huts egiten jarraitzen du eta pausatuta dago
mail-paused = { $flow } fluxuaren { $failures } exekuzio guztiek huts egin dute { $since } geroztik; beraz, pausatuta dago: abiarazleak ez du exekuzio gehiagorik hasten.
mail-paused-next = Konpondu arazoa eta aktibatu: weir flow on { $flow }. Galdutakoa berriz egin daiteke: weir flow resubmit --failed-of { $flow }.
mail-digest-subject = { $count ->
    [one] Fluxu { $count }ek huts egin du
   *[other] { $count } fluxuk huts egin dute
}
failure-hint = { $hint ->
    [connection] konpondu konexioa eta bidali berriz
    [action] konpondu ekintza: zerbait okerra eskatzen du
    [later] beste aldeak huts egin du: bidali berriz geroago
    [expression] adierazpen batek ez du baliorik: probatu fluxua exekuzio honekin
   *[look] begiratu exekuzioa
}
flow-took-over = { $run } exekuzioak { $old } hartzen du bere gain
flow-not-started = { $old } ez da berriz hasi: fluxua desaktibatuta dago, edo haren abiarazleak beste zerbait nahi du
flow-nothing-to-resubmit = fluxu honen exekuziorik ez du huts egin
flow-tried = { $flow } fluxuaren proba: { $status }; ez da ezer bidali
flow-held-back = { $count ->
    [0] Ez da deirik atxiki.
    [one] Dei { $count } atxiki da:
   *[other] { $count } dei atxiki dira:
}
flow-answered = { $by ->
    [given] emandako erantzuna
    [past] aurreko exekuzioa
   *[assumed] suposatutako arrakasta
}
flow-missing = ez dago { $flow } fluxurik
flow-no-findings = { $file }: oharrik ez
import-flow = { $state ->
    [written] { $title } orain { $file } da
    [dryRun] { $title } { $file } bihurtuko litzateke
    [exists] { $title } kanpoan utzi da: { $file } badago lehendik (--force aukerak gainidazten du, --name aukerak beste izen bat ematen dio)
   *[wrong] { $title } kanpoan utzi da: akatsak ditu; `weir flow draft save { $name } FILE` komandoak zirriborro gisa gordetzen du
}
import-need = { $state ->
    [mapped] {"  "}{ $key } konexioa ({ $connector }): badago
    [open] {"  "}{ $key } konexioa ({ $connector }): aukeratu zurea --map { $key }=NAME bidez; { $kind } motakoak: { $choices }
    [none] {"  "}{ $key } konexioa ({ $connector }): ez dago oraindik { $kind } motakorik; gehitu bat `connections:` azpian eta izendatu --map { $key }=NAME bidez
   *[unknown] {"  "}{ $key } konexioa ({ $connector }): hemen ez dago halako konektorerik; eman emaitza estatikoak ekintza hauei: { $actions }
}
import-unknown-key = {"  "}--map { $key }: fluxuak ez du halako konexiorik
import-secret = { $state ->
    [moved] {"  "}sekretua hemen: { $place } ({ $pointer }); orain gordailuan dago { $name } izenez
   *[there] {"  "}sekretua hemen: { $place } ({ $pointer })
}
import-set-secrets = {"  "}Orain gorde sekretuak; bakoitza sarrera estandarretik irakurtzen da:
import-move-secrets = {"  "}--move-secrets aukerak gordailurako erreferentziak jartzen ditu haien lekuan.
import-stripped = {"  "}kenduta: { $places }
import-note = { $code ->
    [classicWorkflow] kanpoan utzita: { $about } lan-fluxu klasikoa da ({ $path })
    [desktopFlow] kanpoan utzita: { $about } mahaigaineko fluxua da ({ $path })
    [otherWorkflow] kanpoan utzita: { $about } ez da hodeiko fluxua ({ $path })
    [templateExpression] { $path }: txantiloiaren adierazpen hau dagoen bezala geratzen da: { $about }
    [placeholder] { $path }: txantiloiaren leku-marka { $about } bihurtu da
    [notUtf8] kanpoan utzita: { $path } ez da UTF-8 testua
   *[notJson] kanpoan utzita: { $path } ez da JSON: { $about }
}
import-apply = `weir apply` komandoak instantziaren fluxu bihurtzen ditu. Fluxua itzalita dago bere konexioak egon arte.
flow-exported = { $file } idatzi da
flow-exported-secrets = Kontuz: barruan idatzitako sekretuak: { $n }
version-present = oraingoa
diff-same = Dokumentuak berdinak dira.
diff-part = { $change ->
    [added] { $part } { $name }: gehituta
    [removed] { $part } { $name }: kenduta
    [moved] { $part } { $name }: lekuz aldatuta
   *[changed] { $part } { $name }: aldatuta
}
flow-restored = { $state ->
    [applied] { $flow } berriro { $version } bertsioan dago ({ $file })
   *[written] { $flow } fluxuaren { $version } bertsioa { $file } fitxategian idatzi da; definizioek beste aldaketa batzuk ere badituzte, beraz zuk deitu `weir apply`
}
draft-missing = ez dago { $flow } fluxuaren zirriborrorik
draft-saved = { $state ->
    [right] { $flow } fluxuaren zirriborroa zuzena da
   *[wrong] { $flow } fluxuaren zirriborroak akatsak ditu; gorde da, baina ezin da argitaratu
}
draft-discarded = { $flow } fluxuaren zirriborroa ezabatu da

## weir query

query-written = { $n ->
    [one] errenkada bat idatzi da
   *[other] { $n } errenkada idatzi dira
} hemen: { $file }

## weir connection

connection-missing = ez dago { $name } konexiorik
connection-result = { $result ->
    [works] badabil
    [unknown] probatu gabe
    [failed] ez dabil
   *[other] { $result }
}
connector-missing = ez dago { $name } konektorerik

## weir secret

secret-stored = gordeta; erabili honela: { $reference }
secret-removed = { $name } kendu da
secret-missing = ez dago { $name } sekreturik

## weir token

token-created = { $name } tokenak ({ $role }) { $end } arte balio du; behin bakarrik erakusten da:
token-state = { $state ->
    [live] baliozkoa
    [revoked] baliogabetua
    [ended] iraungia
   *[other] { $state }
}
token-missing = ez dago baliozko { $token } tokenik
token-revoked = { $name } tokena baliogabetu da

## weir init

init-taken = badago lehendik ere: { $files }; ez da ezer idatzi
init-made = { $files } sortu dira hemen: { $folder }
init-next = hurrengoa: { $commands }

## weir check, apply, export

n-sources = { $sources ->
    [one] datu-iturburu bat
   *[other] { $sources } datu-iturburu
}
n-measures = { $measures ->
    [one] neurri bat
   *[other] { $measures } neurri
}
n-segments = { $segments ->
    [one] segmentu bat
   *[other] { $segments } segmentu
}
n-thresholds = { $thresholds ->
    [one] atalase bat
   *[other] { $thresholds } atalase
}
n-flows = { $flows ->
    [one] fluxu bat
   *[other] { $flows } fluxu
}
check-right = { $instance } instantziaren definizioak: { n-sources }, { n-measures }, { n-segments }, { n-thresholds }, { n-flows }: errorerik ez
check-wrong = { $n ->
    [one] arazo bat
   *[other] { $n } arazo
}; ez da ezer aplikatu
check-more = … eta beste { $n }
apply-not-confirmed = planak zerbait ezabatzen du: begiratu `weir plan` komandoarekin eta, gero, `weir apply --yes`
apply-ask = aplikatu? [y/N]
apply-done = aplikatuta; hurrengoa: weir refresh
export-wrote = { $files } idatzi dira hemen: { $folder }
export-paths = datu-iturburuen bideak { $folder } karpetatik abiatzen dira: zuzendu hemen
export-other-flows = karpetan badaude aplikatu gabeko fluxuak; bere horretan utzi dira

## weir serve

serve-listening = weir martxan dago: { $address }; Ctrl-C sakatuta geldituko da

## weir doctor

doctor-check = { $check ->
    [definitions] definizioak
    [data-folder] datu-karpeta
    [clock] erlojua
    [state] egoera
    [entities] entitateak
    [secrets] sekretuak
    [refresh] freskatzea
    [schedule] programazioa
   *[other] { $check }
}
doctor-fix-line = konponbidea: { $fix }
doctor-definitions-right = { $instance } zuzen dago
doctor-definitions-fix = exekutatu `weir check` akats guztiak ikusteko
doctor-folder-right = { $folder } karpetan idatz daiteke
doctor-folder-fix = eman erabiltzaile honi han idazteko baimena, edo aukeratu beste karpeta bat --data erabiliz
doctor-clock-wrong = { $now } programa hau egin aurrekoa da
doctor-clock-fix = jarri erlojua orduan, ahal dela NTP bidez
doctor-state-right = weir.db osorik dago
doctor-state-fix = exekutatu `weir apply` eta, gero, `weir refresh`
doctor-restore = leheneratu datu-karpeta babeskopia batetik
doctor-entities-right = { $n ->
    [one] entitate bat
   *[other] { $n } entitate
}, { $snapshot }. argazkian
doctor-secrets-right = { $n ->
    [one] konexio batek behar duen guztia du
   *[other] { $n } konexiok behar duten guztia dute
}
doctor-secrets-fix = gorde `weir secret set NAME` erabiliz, edo ezarri ingurune-aldagaia
doctor-restore-key = leheneratu secret.key babeskopia batetik
doctor-apply-again = exekutatu `weir apply` berriro
doctor-never-refreshed = oraindik ez da ezer freskatu
doctor-refresh-first = exekutatu `weir refresh`
doctor-refresh-failed = azkenak huts egin du: { $message }
doctor-refresh-fix = begiratu `weir status`, konpondu iturburua eta exekutatu `weir refresh`
doctor-refresh-right = azkena: { $status }
doctor-see-log = begiratu erregistroa
doctor-overdue = { $queue } ilarako lana zain dago noiztik: { $due }
doctor-overdue-fix = eduki `weir serve` martxan
doctor-schedule-right = ez dago ezer atzeratuta
doctor-no-schedule = ez dago programaziorik definituta

## weir demo

demo-opening =
    Denda batek, leialtasun-programa batek eta bazkide batek pertsona berak ezagutzen dituzte, bakoitzak bere erara.
    Hemen sortuta: { $folder }
    { $people ->
        [one] pertsona bat
       *[other] { $people } pertsona
    }: { $contacts ->
        [one] dendako kontaktu bat
       *[other] dendako { $contacts } kontaktu
    }, { $members ->
        [one] leialtasun-programako kide bat
       *[other] leialtasun-programako { $members } kide
    } eta { $partners ->
        [one] bazkidearen zerrendako errenkada bat
       *[other] bazkidearen zerrendako { $partners } errenkada
    },
    idazketa-akatsekin, ezizenekin, trukatutako izenekin, falta diren balioekin eta balio okerrekin; { $orders ->
        [one] eskaera bat
       *[other] { $orders } eskaera
    } eta { $returns ->
        [one] itzulketa bat
       *[other] { $returns } itzulketa
    }.

    Lehen freskatzea
demo-first =
    { $rows ->
        [one] Errenkada batetik
       *[other] { $rows } errenkadatik
    } { $profiles ->
        [one] profil bat
       *[other] { $profiles } profil
    } sortu dira { $seconds } segundotan. Datuak asmatuak dira, beraz egia ezaguna da: { $people ->
        [one] pertsona bat
       *[other] { $people } pertsona
    }.
    Elkartutako errenkada-bikoteen % { $precision } benetan pertsona berarenak dira; pertsona berarenak direnen % { $recall } elkartu dira.
demo-change =
    Gauean zehar: { $contacts ->
        [one] kontaktu berri bat
       *[other] { $contacts } kontaktu berri
    } eta { $orders ->
        [one] eskaera berri bat
       *[other] { $orders } eskaera berri
    }.

    Bigarren freskatzea
demo-not-crossed = Ez da atalaserik gurutzatu; demo hau ez da horretarako.
demo-flow = fluxua { $flow }: { $status }
demo-card = Teams-eko txartela
demo-no-card = ez da Teams-eko txartelik iritsi
demo-mail = Mezua: { $subject }
demo-no-mail = ez da mezurik iritsi
demo-look-around = Guztiak { $seconds } s behar izan ditu. Begiratu ingurura (cd { $folder }):
demo-serving = martxan: { $address } (egoera, metrikak); Ctrl-C sakatuta geldituko da

customer-head = { $id } bezeroa
customer-no-segments = segmenturik gabe
customer-segments = Segmentuak: { $names }
customer-timeline = Denbora-lerroa: { $types }
customer-more = Gehiago daude: --skip eta --top.

profile-rows = LERROAK
profile-missing = FALTA DIRENAK
profile-distinct = DESBERDINAK
profile-smallest = TXIKIENA
profile-largest = HANDIENA
profile-frequent = OHIKOENAK
profile-none = ez dago { $entity } entitatearen profilik: eman datu-iturburuko entitate baten izen osoa, eta freskatu lehenik

## weir segment and weir measure

reference = { $kind ->
    [entity] { $name } entitatea
    [measure] { $name } neurria
    [segment] { $name } segmentua
    [threshold] { $name } atalasea
    [export] { $name } esportazioa
   *[flow] { $name } fluxua
}
standing-state = { $state ->
    [active] aktibo
    [inactive] ez-aktibo
    [draft] zirriborroa
   *[static] eskatuta soilik
}
standing-no-result = { $name }: oraindik emaitzarik ez
standing-tags = etiketak: { $tags }
standing-refreshed = noiz freskatua: { $at }
standing-outdated = definizioa aldatu da harrezkero; `weir refresh` aginduak hartuko du kontuan
standing-task = azken ataza: { $status } { $message }
standing-schedule = { $name } ordutegia: { $when }
standing-on-request = eskatzen denean soilik
standing-reads = zer irakurtzen du: { $names }
standing-used-by = nork erabiltzen du: { $names }
standing-used-by-nothing = ezerk ez du erabiltzen
standing-left-out = freskatze osoek kanpoan uzten dute: { $what }. Ezerk ez du erabiltzen, eta azkenekoz { $since } egunean aldatu edo izenez freskatu zen, duela { $days } egun baino gehiago (autoDeactivation)
standing-trend = { $line } { $n ->
    [one] argazki batean
   *[other] { $n } argazkitan
}: lehena { $first }, azkena { $last }, txikiena { $min }, handiena { $max }
segment-head = { $name }: { $n ->
    [one] kide bat
   *[other] { $n } kide
}
segment-no-members = kiderik ez
segment-explain-head = { $holds ->
    [yes] { $name } segmentuak { $id } bezeroa hartzen du
   *[no] { $name } segmentuak ez du { $id } bezeroa hartzen
}
segment-explain-differs = Argitaratutako kideek bestela diote: azken freskatzekoak dira.
segment-explain-and = hauek guztiak
segment-explain-or = hauetako bat gutxienez
segment-explain-not = ez
segment-explain-sql = kontsulta bat: haren baldintzak ez dira banan-banan aztertzen
segment-explain-rows = { $of ->
    [one] errenkada bakarretik
   *[other] { $of } errenkadatik
} { $n }
segment-estimate = { $n ->
    [one] bezero bat
   *[other] { $n } bezero
}, guztira { $of }, % { $percent }, { $snapshot } argazkian
segment-estimate-not-indexed = Entitateetatik zenbatuta, indizeak ezin duelako esan: { $why }
measure-kind = { $kind ->
    [business] negozioarena
    [customerAttribute] bezeroaren atributua
   *[customerMeasure] bezero bakoitzeko
}
measure-rows = { $n ->
    [one] errenkada bat
   *[other] { $n } errenkada
}
customers-found = { $n ->
    [one] bezero { $n }
   *[other] { $n } bezero
}
