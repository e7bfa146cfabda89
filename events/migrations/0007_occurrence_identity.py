from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0006_calendar_rows")]

    operations = [
        migrations.AlterField(model_name="occurrence", name="recurrence_id", field=models.DateTimeField()),
        migrations.RemoveField(model_name="occurrence", name="is_cancelled"),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=models.UniqueConstraint(fields=("event", "recurrence_id"), name="events_occurrence_identity"),
        ),
    ]
