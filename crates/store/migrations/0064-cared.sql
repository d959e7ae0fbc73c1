-- Children who need somebody are few among all persons; the page of care counts them without reading a person's row.
create index person_cared on person (county, person_id, flags, stage, town, village, school_id)
    where flags <> '' and stage is not null and stage <> 'higher';
